"""Base32 in lower case without padding (RFC 4648 section 6), for what relays may fold; it reads nothing back.

The standard library looks every ten bits up in a table that a mail of 30 KB has just driven out of the
processor's cache; spreading all bits at once takes a quarter of its time there.
"""

from __future__ import annotations

from typing import Final

MAX_OCTETS: Final = 40
_DIGITS: Final = 64
_ALPHABET: Final = b"abcdefghijklmnopqrstuvwxyz234567".ljust(256, b"\0")


def _steps() -> tuple[tuple[int, int, int], ...]:
    """Return shift, low mask and high mask of each halving: of 64 digits, of 32, and so on to single ones."""
    steps, half = [], _DIGITS // 2
    while half:
        digits = (1 << 5 * half) - 1
        low = sum(digits << 8 * start for start in range(0, _DIGITS, 2 * half))
        steps.append((3 * half, low, low << 8 * half))
        half //= 2
    return tuple(steps)


_STEPS: Final = _steps()


def base32(octets: bytes) -> str:
    """Return ``octets``, 1 to 40 of them, in digits of five bits. Raises ValueError for more or none."""
    if not 0 < len(octets) <= MAX_OCTETS:
        raise ValueError(f"{len(octets)} octets; base32 takes 1 to {MAX_OCTETS}")
    bits = len(octets) * 8
    count = -(-bits // 5)
    number = int.from_bytes(octets, "big") << (count * 5 - bits)
    # Each step moves the upper half of every run of digits up, until each digit has an octet of its own.
    for shift, low, high in _STEPS:
        number = number & low | number << shift & high
    return number.to_bytes(count, "big").translate(_ALPHABET).decode("ascii")
