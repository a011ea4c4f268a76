"""Walks through a shard: who gets what of a grant, and when nobody's rows can be left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter_app.delivery.claiming import Met, Taken
from newsletter_app.delivery.walking import OTHERS, Walk, divide


@pytest.mark.parametrize(
    ("total", "limited", "others_left", "turn", "shares"),
    [
        (200, {}, True, 7, {OTHERS: 200}),
        (200, {"slow": 2}, True, 0, {OTHERS: 198, "slow": 2}),
        (200, {"slow": 2, "lame": 0}, True, 0, {OTHERS: 198, "slow": 2}),
        (10, {"slow": 200}, True, 0, {OTHERS: 5, "slow": 5}),
        (1, {"slow": 2}, True, 0, {OTHERS: 1}),
        (1, {"slow": 2}, True, 1, {OTHERS: 0, "slow": 1}),
        (3, {"slow": 2, "lame": 1}, False, 0, {OTHERS: 0, "slow": 2, "lame": 1}),
        (200, {"slow": 0}, True, 3, {OTHERS: 200}),
    ],
)
def test_who_gets_what(
    total: int, limited: dict[str, int], others_left: bool, turn: int, shares: dict[str, int]
) -> None:
    """A limited domain gets what its tokens allow, and where all are short, no more than anybody else."""
    assert divide(total, limited, others_left=others_left, turn=turn) == shares


@given(
    some.integers(0, 200),
    some.dictionaries(some.sampled_from(["a", "b", "c", "d"]), some.integers(0, 200)),
    some.booleans(),
    some.integers(0, 10_000),
)
def test_nobody_gets_more_than_there_is_and_nothing_is_left_that_somebody_wants(
    total: int, limited: dict[str, int], others_left: bool, turn: int
) -> None:
    shares = divide(total, limited, others_left=others_left or not limited, turn=turn)
    wished = sum(limited.values()) + (total if others_left or not limited else 0)
    assert sum(shares.values()) == min(total, wished)
    assert all(0 < shares[name] <= limited[name] for name in shares if name != OTHERS)
    got = [shares.get(name, 0) for name, wish in limited.items() if wish > shares.get(name, 0)]
    assert max(got, default=0) - min(got, default=0) <= 1


def test_a_walk_that_met_nothing_from_its_beginning_is_over_for_good() -> None:
    walk = Walk()
    walk.note({OTHERS: 50}, Taken([], 0, 0))
    assert walk.is_over
    assert not walk.has_met


def test_a_walk_goes_on_while_it_meets_as_many_as_it_asks_for() -> None:
    walk = Walk()
    walk.note({OTHERS: 50}, Taken([], 977, 50))
    assert (walk.after, walk.is_over) == (977, False)
    walk.note({OTHERS: 50}, Taken([], 1009, 49))
    assert (walk.after, walk.is_over, walk.has_met) == (1009, True, True)


def test_limited_domains_are_walked_at_a_pace_of_their_own() -> None:
    walk = Walk(("lame", "slow"), {"slow": 16, "lame": 48})
    shares = {OTHERS: 9, "slow": 1}
    (share,) = walk.apart(shares).shares
    assert (share.domain, share.limit, share.after) == ("slow", 1, 16)
    walk.note(shares, Taken([], 160, 8, {"slow": Met(32, 1)}))
    assert walk.places == {"slow": 32, "lame": 48}
    assert walk.is_held_up
    walk.note({OTHERS: 0, "slow": 1, "lame": 1}, Taken([], 160, 0, {"slow": Met(32, 0), "lame": Met(64, 1)}))
    assert walk.places == {"lame": 64}
    walk.note({OTHERS: 0, "lame": 1}, Taken([], 160, 0))
    assert walk.is_over


def test_others_that_got_no_share_may_still_be_left() -> None:
    walk = Walk(("slow",), {"slow": 16})
    walk.note({OTHERS: 0, "slow": 1}, Taken([], 0, 0, {"slow": Met(32, 1)}))
    assert walk.others_left
