"""What is called sound is sound, however its pieces were cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter_app.mail.sound import Seams, Sound, is_sound, proven

LOOKS = [
    (b"a\r\n", True),
    (b"a\r\n\r\nb.\r\n", True),
    (b"\r\n", True),
    (b"a.b..\r\n", True),
    (b"", False),  # It does not end with CRLF.
    (b"a", False),
    (b".a\r\n", False),
    (b"a\r\n.\r\n", False),
    (b"a\nb\r\n", False),
    (b"a\n.\r\n", False),
    (b"a\rb\r\n", False),
    (b"a\n\rb\r\n", False),  # As many of one as of the other.
    ("é\r\n".encode(), False),
]


@pytest.mark.parametrize(("message", "sound"), LOOKS)
def test_what_is_sound(message: bytes, sound: bool) -> None:  # M1
    assert is_sound(message) is sound
    assert isinstance(proven(message), Sound) is sound
    assert bytes(proven(message)) == message


OCTETS = st.binary(max_size=7).map(lambda octets: bytes(b"\r\n.ab\xc3"[octet % 6] for octet in octets))
CRUMBS = st.one_of(
    OCTETS, st.sampled_from([b"\r\n", b".", b"a\r\n", b"\r\nbb.a\r\n", b"abababab\r\n", b"\n", b"\r"])
)
PIECES = st.lists(st.tuples(st.booleans(), CRUMBS), max_size=8)


@settings(max_examples=300)
@given(PIECES)
def test_pieces_make_a_sound_message_only_if_it_is_one(pieces: list[tuple[bool, bytes]]) -> None:  # M1
    octets = [piece for _, piece in pieces]
    seams = Seams([piece if is_fixed else None for is_fixed, piece in pieces])
    joined = seams.join(octets)
    assert (bytes(joined), len(joined)) == (b"".join(octets), len(b"".join(octets)))
    assert isinstance(joined, Sound) <= is_sound(bytes(joined))
    if all(_is_whole(piece) for is_fixed, piece in pieces if is_fixed):
        assert isinstance(joined, Sound) == is_sound(bytes(joined))


def _is_whole(piece: bytes) -> bool:
    return piece == b"" or is_sound(b"a" + piece + b"a\r\n")
