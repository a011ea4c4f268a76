"""Base32 against the standard library's, which pads and shouts."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel.base32 import MAX_OCTETS, base32


@given(st.binary(min_size=1, max_size=MAX_OCTETS))
def test_it_is_what_the_standard_library_writes(octets: bytes) -> None:
    """But for padding and capitals."""
    assert base32(octets) == base64.b32encode(octets).decode().rstrip("=").lower()


@pytest.mark.parametrize("length", [0, MAX_OCTETS + 1, 200])
def test_more_than_it_has_room_for_is_refused(length: int) -> None:
    """Nothing is cut off in silence."""
    with pytest.raises(ValueError, match="takes 1 to 40"):
        base32(bytes(length))
