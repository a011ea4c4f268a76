"""Shares: whoever counts the messages at the end finds the weights."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail.shares import Shares

NAMES = "abcd"


def test_turns_are_spread_and_not_bunched() -> None:
    """Three to one: nobody waits for a whole round, and the heaviest begins."""
    shares = Shares({"a": 1, "b": 3})
    turns = []
    for _ in range(8):
        turns.append(shares.choose("ab"))
        shares.count(turns[-1], 1, "ab")
    assert "".join(turns) == "babbbabb"


@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=4),
    st.lists(st.integers(0, 200), min_size=1, max_size=60),
)
def test_nobody_is_further_off_than_one_hand_over(weights: list[int], batches: list[int]) -> None:
    """However uneven the batches are."""
    names = NAMES[: len(weights)]
    shares, taken = Shares(dict(zip(names, weights, strict=True))), Counter[str]()
    for messages in batches:
        chosen = shares.choose(names)
        shares.count(chosen, messages, names)
        taken[chosen] += messages
    for name, weight in zip(names, weights, strict=True):
        due = sum(batches) * weight / sum(weights)
        assert abs(taken[name] - due) <= max(batches) + 1e-6


@pytest.mark.parametrize("away", [1, 50])
def test_who_comes_back_does_not_catch_up(away: int) -> None:
    """A server that was away takes its share from then on."""
    shares, taken = Shares({"a": 1, "b": 1}), Counter[str]()
    for _ in range(away):
        shares.count(shares.choose("a"), 10, "a")
    for _ in range(20):
        chosen = shares.choose("ab")
        shares.count(chosen, 10, "ab")
        taken[chosen] += 10
    assert taken == {"a": 100, "b": 100}
