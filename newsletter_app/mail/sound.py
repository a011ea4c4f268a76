"""Messages known to be fit for the wire as they stand; it mends nothing and takes nobody's word for it.

Looking through 30 KB costs more than sending them, and so does copying them. What is the same in thousands
of messages is looked at once and leaves from where it lies; of each message only what differs is looked at,
with an octet of its surroundings on either side.
"""

from __future__ import annotations

from collections.abc import Sequence


class Sound:
    """A 7-bit message of CRLF lines (RFC 5321 2.3.8), none of which begins with a dot; it ends with CRLF.

    It is kept in parts, in order. Made by ``proven`` and ``Seams.join`` only.
    """

    __slots__ = ("parts", "size")

    def __init__(self, parts: Sequence[bytes]) -> None:
        """Keep the parts; ``size`` counts their octets."""
        self.parts = parts
        self.size = sum(map(len, parts))

    def __len__(self) -> int:
        """Return how many octets it has."""
        return self.size

    def __bytes__(self) -> bytes:
        """Return it in one piece."""
        return b"".join(self.parts)


Message = bytes | Sound


class Seams:
    """Puts fixed octets and what stands between them together, and knows whether the whole is sound."""

    def __init__(self, pieces: Sequence[bytes | None]) -> None:
        """Look at the fixed octets, once; None stands for what differs."""
        fixed = [(index, piece) for index, piece in enumerate(pieces) if piece is not None]
        self._is_sound_within = all(_has_lawful_lines(piece) for _, piece in fixed)
        self._edges = [(index, _edges(piece)) for index, piece in fixed]

    def join(self, pieces: list[bytes]) -> Message:
        """Return the pieces as one message; as Sound if that is what they make."""
        if self._is_sound_within:
            seen = pieces.copy()
            for index, edges in self._edges:
                seen[index] = edges
            if is_sound(b"".join(seen)):
                return Sound(pieces)
        return b"".join(pieces)


def proven(message: bytes) -> Message:
    """Return the message as Sound if it is, after a look at all of it; else as it came."""
    return Sound([message]) if is_sound(message) else message


def is_sound(octets: bytes) -> bool:
    """Tell whether the octets are what ``Sound`` says."""
    return _has_lawful_lines(octets) and octets[:1] != b"." and octets[-1:] == b"\n"


def _has_lawful_lines(octets: bytes) -> bool:
    lines = octets.count(b"\r\n")
    is_lawful = octets.count(b"\n") == lines == octets.count(b"\r")
    return is_lawful and octets.isascii() and b"\n." not in octets


def _edges(piece: bytes) -> bytes:
    """Return something short with the same beginning and end; no CRLF is cut in two."""
    if len(piece) < 5:
        return piece
    return piece[: 2 if piece[0] == 13 else 1] + b"-" + piece[-2 if piece[-1] == 10 else -1 :]
