"""The octets one connection still has to send, and where among them a final dot stands; it sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST_PARTS: Final = 1000  # The kernel takes 1024 in one call (IOV_MAX).


class Outgoing:
    """What is to be written, in order, in the parts it was given: a body need not be copied to be sent."""

    __slots__ = ("_at", "_parts", "is_announced", "size", "to_dot")

    def __init__(self) -> None:
        """Begin with nothing to send."""
        self._parts: list[bytes] = []
        self._at = 0
        self.size = 0
        """Octets that are pending."""
        self.to_dot = 0
        """Octets still to send up to the end of the final dot; 0: it has left, or there is none."""
        self.is_announced = True
        """Whether the message of the pending final dot is journalled; so, too, where none is pending."""

    def write(self, octets: bytes) -> None:
        """Put octets behind what is pending."""
        self._parts.append(octets)
        self.size += len(octets)

    def write_body(self, parts: Sequence[bytes]) -> None:
        """Put a body, as it travels, and its final dot behind what is pending."""
        self._parts += parts
        self._parts.append(b".\r\n")
        self.size += sum(map(len, parts)) + 3
        self.to_dot = self.size
        self.is_announced = False

    def parts(self, most: int) -> list[bytes] | list[memoryview]:
        """Return what is to be sent next, in parts: at most so many octets."""
        is_cut = self._at or self.size > most or len(self._parts) > MOST_PARTS
        return [self.pending(most)] if is_cut else self._parts

    def pending(self, most: int) -> memoryview:
        """Return what is to be sent next, in one piece: at most so many octets."""
        if len(self._parts) > 1:
            self._parts, self._at = [b"".join(self._parts)[self._at :]], 0
        octets = self._parts[0] if self._parts else b""
        return memoryview(octets)[self._at : self._at + most]

    def sent(self, octets: int) -> None:
        """Take note that so many of the pending octets have left."""
        self._at += octets
        self.size -= octets
        if not self.size:
            self._parts, self._at = [], 0
        self.to_dot = max(0, self.to_dot - octets)

    def clear(self) -> None:
        """Forget what is pending: nothing more leaves."""
        self._parts, self._at = [], 0
        self.size = self.to_dot = 0
        self.is_announced = True
