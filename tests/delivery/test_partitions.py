"""Partitions: made before a campaign is planned, dropped with all they held once it is history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, find
from newsletter_app.delivery import Delivery, finish, make_partition, retire, status
from newsletter_app.delivery.partitions import SPAN
from tests.delivery.conftest import World

OLD = timedelta(days=400)


def ended(world: World) -> None:
    """Send a campaign to its end."""
    with world.unit_of_work() as session:
        make_partition(session, 1)
    world.launched(readers=3)
    world.send(world.office())
    assert world.campaign_state() == "finished"


def partitions(session: Session) -> set[str]:
    if session.get_bind().dialect.name != "postgresql":
        return set()
    names = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'deliveries'::regclass"
    return set(session.scalars(text(names)))


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_campaign_gets_its_partition_once(world: World) -> None:
    """A second planner changes nothing; the rows lie in it, with every index of the table."""
    ended(world)
    with world.unit_of_work() as session:
        make_partition(session, SPAN - 1)
        assert "deliveries_0" in partitions(session)
        assert session.scalar(text("SELECT count(*) FROM deliveries_0")) == 3
        indexes = "SELECT count(*) FROM pg_indexes WHERE tablename = 'deliveries_0'"
        assert session.scalar(text(indexes)) == 4


def test_what_is_history_is_deleted_and_still_counted(world: World) -> None:
    """The rows of a campaign that ended long ago go; how many got what is still told."""
    ended(world)
    later = world.clock() + OLD
    with world.unit_of_work() as session:
        assert retire(session, later - OLD) == [], "it ended just then, not before"
        assert retire(session, later) == [world.campaign_id]
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        campaign = find(session, world.campaign_id)
        assert campaign is not None
        assert status(session, campaign).states == {"accepted": 3}
        assert retire(session, later) == []


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_partition_goes_whole_when_no_campaign_can_come_into_it(world: World) -> None:
    """While a younger campaign may still be given a number in its range, only rows are deleted."""
    ended(world)
    with world.unit_of_work() as session:
        facts = {"state": "scheduled", "due_at": world.clock(), "created_at": world.clock()}
        session.add(Campaign(id=SPAN, occurrence="tip:99", **facts))
        session.flush()
        assert retire(session, world.clock() + OLD) == [world.campaign_id]
        assert "deliveries_0" not in partitions(session)
        make_partition(session, world.campaign_id)


def test_an_open_campaign_is_never_retired(world: World) -> None:
    """Whatever its dates say."""
    world.launched(readers=3)
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(finished_at=world.clock()))
        assert retire(session, world.clock() + OLD) == []
        assert not finish(session, world.campaign_id, world.clock())
