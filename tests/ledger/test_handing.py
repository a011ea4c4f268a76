"""How many rows a claim takes: what the last batch's pace hands over in a second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.ledger.handing import LEAST_CLAIM, next_limit
from newsletter_app.ledger.rows import MAX_CLAIM


@pytest.mark.parametrize(
    ("handed_over", "seconds", "limit"),
    [
        (50, 0.01, MAX_CLAIM),
        (50, 0.5, 100),
        (10, 2.0, LEAST_CLAIM),
        (0, 1.0, LEAST_CLAIM),
        (5, 0.0, MAX_CLAIM),
    ],
)
def test_the_next_claim_is_a_seconds_worth(handed_over: int, seconds: float, limit: int) -> None:
    """A slow server gets small claims, so that a stop is heard within two seconds (M51)."""
    assert next_limit(handed_over, seconds) == limit


@given(st.integers(0, MAX_CLAIM), st.floats(0, 3600))
def test_it_stays_within_its_bounds(handed_over: int, seconds: float) -> None:
    """Whatever a clock says."""
    assert LEAST_CLAIM <= next_limit(handed_over, seconds) <= MAX_CLAIM
