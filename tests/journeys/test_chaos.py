"""Five rounds of chaos: whatever is killed in mid-campaign, every reader has the mail exactly once."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.journeys import chaos_plan as plans
from tests.journeys.arena import Size
from tests.journeys.chaos import Arenas, missed, run_rounds
from tests.journeys.chaos_plan import plan_round

# The larger set alone: the embedded one, which every fifth round is played on, would have to be started too.
ROUNDS = [plan_round(46817, number, extras=(1,)) for number in (1, 2, 3, 4, 6)]
# So slow that a kill nearly always falls into a hand-over, with dots unanswered.
SIZE = Size(readers=1000, bulk=1, slow=("--delay-ms", "8", "--stall-ms", "20"))


@pytest.mark.journey
@pytest.mark.postgres
def test_chaos_loses_nobody_and_mails_nobody_twice(tmp_path: Path) -> None:
    """What no reply was read for is uncertain, at most one a connection, and never sent again."""
    with ExitStack() as stack:
        rounds = list(run_rounds(Arenas(stack, tmp_path, SIZE), ROUNDS))
        for each in rounds:
            assert each.faults() == [], each.line()  # M17, M18
        assert len(rounds) == len(ROUNDS)
        assert missed(rounds) == []


def test_the_rounds_of_the_suite() -> None:
    """A bulk worker falls in each, and one thing more; a plan comes from the seed alone."""
    extras = [plans.DATABASE, plans.BROKER, plans.NEWBORN, plans.EVERYTHING, plans.SERVICE]
    assert [{blow.kind for blow in plan.blows} for plan in ROUNDS] == [{plans.BULK, kind} for kind in extras]
    assert [plan.is_embedded for plan in ROUNDS] == [False] * 5
    assert any(plan.has_second_beat for plan in ROUNDS)


def test_every_kind_of_blow_comes_on_both_sets() -> None:
    """Only the embedded set has no database to kill."""
    for is_embedded, missing in ((True, {plans.DATABASE}), (False, set())):
        rounds = [plan for plan in _rounds(7, 400) if plan.is_embedded == is_embedded]
        assert {blow.kind for plan in rounds for blow in plan.blows} == plans.WEIGHTS.keys() - missing
    assert sum(plan.is_embedded for plan in _rounds(7, 400)) == 80


def test_blows_come_in_order_and_a_sender_is_always_killed() -> None:
    for plan in _rounds(7, 200):
        assert plans.BULK in [blow.kind for blow in plan.blows]
        assert [blow.share for blow in plan.blows] == sorted(blow.share for blow in plan.blows)


def _rounds(seed: int, count: int) -> list[plans.Plan]:
    return [plan_round(seed, number) for number in range(1, count + 1)]
