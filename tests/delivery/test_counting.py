"""What a day has handed over, as the ledger's rows tell it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery, handed_over_since
from newsletter_app.ledger import State
from tests.delivery.conftest import World

MX, OTHER = "mx.example.org:587", "other.example.org:25"


def row_became(world: World, **values: object) -> None:
    with world.unit_of_work() as session:
        session.execute(update(Delivery).values(**values))


def counts(world: World, server: str = "") -> int:
    with world.unit_of_work() as session:
        return handed_over_since(session, world.clock() - timedelta(hours=9), server)


@pytest.mark.parametrize(
    ("state", "server", "overall", "by_mx", "by_other"),
    [
        (State.accepted, MX, 1, 1, 0),
        (State.deferred, MX, 1, 1, 0),
        (State.refused, MX, 1, 1, 0),
        (State.expired, MX, 1, 1, 0),
        (State.uncertain, MX, 1, 1, 0),
        (State.uncertain, None, 1, 1, 1),  # its process died before it could say through which server
        (State.claimed, None, 1, 1, 1),
        (State.claimed, OTHER, 1, 1, 1),  # put off there yesterday, and on its way again
        (State.refused, "", 0, 0, 0),  # no lawful message could be written
        (State.queued, "", 0, 0, 0),  # claimed today and freed
        (State.skipped, None, 0, 0, 0),
    ],
)
def test_what_counts(
    world: World, state: State, server: str | None, overall: int, by_mx: int, by_other: int
) -> None:
    world.launched(readers=1)
    row_became(world, state=state, server=server, claimed_at=world.clock())
    assert (counts(world), counts(world, MX), counts(world, OTHER)) == (overall, by_mx, by_other)  # M52


def test_only_the_day_counts(world: World) -> None:
    world.launched(readers=2)
    row_became(world, state=State.accepted, server=MX, claimed_at=world.clock() - timedelta(hours=9))
    assert counts(world) == 2
    row_became(world, claimed_at=world.clock() - timedelta(hours=9, seconds=1))
    assert counts(world) == 0


def test_a_campaign_that_ended_today_counts(world: World) -> None:
    world.launched(readers=1)
    row_became(world, state=State.accepted, server=MX, claimed_at=world.clock())
    for finished_at, count in ((world.clock(), 1), (world.clock() - timedelta(days=1), 0)):
        with world.unit_of_work() as session:
            session.execute(update(Campaign).values(state="finished", finished_at=finished_at))
        assert counts(world) == count
