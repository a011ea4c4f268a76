"""Tokens: unforgeable, of one purpose, revocable by a nonce, alive after a rotation of keys."""

from __future__ import annotations

import hmac
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel.links import Links, LocalToken, Purpose, has_stop_local, key_id, read_token

OLD_KEY, NEW_KEY, FOREIGN_KEY = b"o" * 32, b"n" * 32, b"f" * 32
LINKS = Links("https://news.example.org/", [NEW_KEY, OLD_KEY])
IDS = st.lists(st.integers(0, 2**62), min_size=1, max_size=12)
ALPHABET = string.ascii_letters + string.digits + "-_"


def varint(number: int) -> bytes:
    """Return seven bits an octet, the lowest first, the top bit set on all but the last."""
    rest, low = divmod(number, 128)
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


@given(st.sampled_from(Purpose), IDS, st.binary(max_size=8))
def test_a_token_proves_its_purpose_ids_and_nonce(purpose: Purpose, ids: list[int], nonce: bytes) -> None:
    """What was signed is read back whole and proved."""
    token = read_token(LINKS.token(purpose, ids, nonce))
    assert token is not None
    assert (token.purpose, token.ids, token.row_id) == (purpose, tuple(ids), ids[0])
    assert LINKS.proves(token, nonce)


@given(st.binary(min_size=1, max_size=200), IDS, st.binary(max_size=20))
def test_the_mac_is_the_standard_one(key: bytes, ids: list[int], nonce: bytes) -> None:
    """Links are mailed for ever: whatever makes the MAC quicker, it stays HMAC-SHA-256."""
    token = read_token(Links("https://news.example.org", [key]).token(Purpose.STOP, ids, nonce))
    assert token is not None
    signed = b"link:\x04" + key_id(key) + b"".join(map(varint, ids)) + b"|" + nonce
    assert token.mac == hmac.digest(key, signed, "sha256")[:16]


@given(IDS, st.binary(max_size=8))
def test_another_nonce_revokes(ids: list[int], nonce: bytes) -> None:  # S8
    """A new nonce on the row makes every older link worthless."""
    token = read_token(LINKS.token(Purpose.CHOICES, ids, nonce))
    assert token is not None
    assert not LINKS.proves(token, nonce + b"x")


@given(IDS, st.sampled_from(Purpose), st.sampled_from(Purpose))
def test_a_mac_of_one_purpose_is_none_for_another(ids: list[int], one: Purpose, two: Purpose) -> None:  # S9
    """Changing the first byte of a token does not change what it may do."""
    token = read_token(LINKS.token(one, ids))
    assert token is not None
    forged = type(token)(two, token.key_id, token.ids, token.mac)
    assert LINKS.proves(forged) == (one == two)


@given(IDS, st.data())
def test_any_changed_letter_is_refused(ids: list[int], data: st.DataObject) -> None:
    """A token has one spelling; any other text is no token or proves nothing."""
    text = LINKS.token(Purpose.STOP, ids)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != text[place]]))
    token = read_token(text[:place] + letter + text[place + 1 :])
    assert token is None or not LINKS.proves(token)


@given(st.text(max_size=600))
def test_reading_never_fails(text: str) -> None:
    """Whatever stands in the address, reading answers with a token or None."""
    token = read_token(text)
    assert token is None or not LINKS.proves(token, b"some nonce")


def test_links_outlive_a_rotation_of_keys() -> None:  # M30
    """A mail sent under the old key can still be stopped; a dropped key proves nothing."""
    before = Links("https://news.example.org", [OLD_KEY])
    token = read_token(before.token(Purpose.STOP, [7, 1]))
    assert token is not None
    assert LINKS.proves(token)
    assert not Links("https://news.example.org", [FOREIGN_KEY]).proves(token)


def test_the_newest_key_signs() -> None:
    """After a rotation no new link depends on the old key."""
    token = read_token(LINKS.token(Purpose.STOP, [7, 1]))
    assert token is not None
    assert Links("https://news.example.org", [NEW_KEY]).proves(token)


@pytest.mark.parametrize("cut", [1, 2, 10, 22])
def test_a_cut_token_is_known_as_such(cut: int) -> None:
    """A link broken by a line wrap never proves anything."""
    token = read_token(LINKS.token(Purpose.CONFIRM, [5], b"nonce")[:-cut])
    assert token is None or not LINKS.proves(token, b"nonce")


def test_links_that_were_mailed_stay_good() -> None:  # M30
    """The very characters of a token and of an envelope sender, as an older version made them."""
    assert LINKS.token(Purpose.STOP, [1001, 3, 200]) == "BCP_6QcDyAEnmxGP9mpPYo4Q0Ee4oV14"
    assert LINKS.bounce_local([7, 1001]) == "b-ber76b7ja4k5lqxb4bs2wmpcva"
    assert LINKS.stop_local([1001, 3]) == "s-aqr772ihaoqbn4ychfnki5spiy"


def test_addresses_are_built_on_the_public_url() -> None:  # S19
    """The configured address stands in front, without a doubled slash."""
    assert LINKS.url("stop", "abc") == "https://news.example.org/stop/abc"


@given(IDS.filter(lambda ids: len(ids) <= 2))
def test_the_envelope_sender_fits_and_survives_folding(ids: list[int]) -> None:
    """A local part has at most 64 octets (RFC 5321 4.5.3.1.1) and no capitals to lose."""
    local = LINKS.bounce_local(ids)
    assert len(local) <= 64
    assert local == local.lower()
    assert local != LINKS.bounce_local([*ids, 1])


@given(IDS.filter(lambda ids: len(ids) <= 2))
def test_a_local_part_proves_what_it_was_made_for(ids: list[int]) -> None:
    """An envelope sender and an address that ends notices, each its own purpose; capitals do not matter."""
    for local, purpose in ((LINKS.bounce_local(ids), Purpose.BOUNCE), (LINKS.stop_local(ids), Purpose.STOP)):
        assert (
            LINKS.proven_local(local) == LINKS.proven_local(local.upper()) == LocalToken(purpose, tuple(ids))
        )
    old = Links("https://news.example.org", [OLD_KEY])
    assert LINKS.proven_local(old.bounce_local(ids)) == LocalToken(Purpose.BOUNCE, tuple(ids))
    assert LINKS.proven_local(old.stop_local(ids)) == LocalToken(Purpose.STOP, tuple(ids))  # M30


@given(
    st.integers(min_value=1, max_value=2**31 - 1),
    st.lists(st.integers(min_value=1, max_value=2**31 - 1), min_size=1, max_size=24),
)
def test_an_address_to_stop_by_has_room_for_any_reader(reader: int, notices: list[int]) -> None:
    """Sixty-four signs are lawful (RFC 5321 4.5.3.1.1); with more notices a mail keeps to its link."""  # M31
    if has_stop_local(notices):
        local = LINKS.stop_local([reader, *notices])
        assert len(local) <= 64
        assert LINKS.proven_local(local) == LocalToken(Purpose.STOP, (reader, *notices))
    assert has_stop_local(notices[:4])
    most = next(count for count in range(64) if not has_stop_local(range(1, count + 2)))
    assert 60 < len(LINKS.stop_local([2**31 - 1, *range(1, most + 1)])) <= 64


@given(st.text(max_size=80) | st.text(alphabet="bs-abcdefghijklmnopqrstuvwxyz234567", max_size=66))
def test_no_other_local_part_proves_anything(local: str) -> None:
    """Whatever is written before an @, nobody is touched by it."""  # M24
    assert LINKS.proven_local(local) is None


def test_a_forged_local_part_proves_nothing() -> None:
    """Of a foreign key, of another purpose, with other ids, cut, or spelled otherwise."""  # M24
    local = LINKS.bounce_local([7, 1001])
    foreign = Links("https://news.example.org", [FOREIGN_KEY])
    forged = [foreign.bounce_local([7, 1001]), f"s{local[1:]}", local[:-1], f"{local[:-1]}b", f"{local}a"]
    forged += [local[:9] + letter + local[10:] for letter in "abc234" if letter != local[9]]
    assert [one for one in forged if LINKS.proven_local(one)] == []
