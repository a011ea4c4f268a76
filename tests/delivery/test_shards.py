"""Shards: one runner each, left alone when walked through, looked at again when rows come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from newsletter_app.campaigns import find, pause, resume
from newsletter_app.delivery import (
    Delivery,
    DeliveryCount,
    ShardLease,
    finish,
    leave_all,
    rest_shard,
    shards_to_ring,
    take_shard,
    wake,
)
from newsletter_app.delivery.shards import LEASE, LOOK_AGAIN
from newsletter_app.ledger import State
from tests.delivery.conftest import World

READERS = 3


def to_ring(world: World) -> list[int]:
    with world.unit_of_work() as session:
        return shards_to_ring(session, world.campaign_id, world.clock())


def rest(world: World, shard: int) -> None:
    with world.unit_of_work() as session:
        assert take_shard(session, world.campaign_id, shard, 7, world.clock())
        rest_shard(session, world.campaign_id, shard, 7, world.clock())


def test_a_shard_waits_for_the_readers_whose_hour_is_to_come(world: World) -> None:
    """It is no retry, and the campaign has not ended; nobody is handed anything before their hour."""
    world.launched(readers=1)
    with world.unit_of_work() as session:
        at_noon = world.clock() + timedelta(hours=3)
        session.execute(update(Delivery).values(due_at=at_noon))
    office = world.office()
    world.send(office)
    assert world.campaign_state() == "sending"
    world.clock.now = at_noon - timedelta(seconds=1)
    with world.unit_of_work() as session:
        session.execute(update(ShardLease).values(looked_at=world.clock()))  # not long ago
    assert to_ring(world) == []
    world.clock.now = at_noon
    world.send(office)
    assert world.campaign_state() == "finished"


def test_only_shards_with_readers_are_rung_for_and_once(world: World) -> None:
    """Three readers are three shards; a ring that was lost is rung again when its lease ends."""
    world.launched(readers=READERS)
    assert to_ring(world) == [1, 2, 3]
    assert to_ring(world) == []
    world.clock.now += LEASE
    assert to_ring(world) == [1, 2, 3]


def test_shards_are_rung_for_in_one_statement(world: World) -> None:
    """However many there are: those at rest are looked at again and again for as long as a mail may come."""
    world.launched(readers=READERS)
    said: list[str] = []

    def note(*facts: object) -> None:
        said.append(str(facts[2]))

    with world.unit_of_work() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        assert shards_to_ring(session, world.campaign_id, world.clock()) == [1, 2, 3]
        event.remove(connection, "before_cursor_execute", note)
    assert len(said) == 1, said


def test_a_shard_has_one_runner(world: World) -> None:
    """Another process takes it over only when the lease has run out."""
    world.launched(readers=READERS)
    with world.unit_of_work() as session:
        assert take_shard(session, world.campaign_id, 1, 7, world.clock())
        assert not take_shard(session, world.campaign_id, 1, 8, world.clock())
        assert take_shard(session, world.campaign_id, 1, 8, world.clock() + LEASE)


def test_a_shard_at_rest_is_left_alone_until_its_retry(world: World) -> None:
    """Its next deferred row wakes it at the minute; what came back without a word is found a little later."""
    world.launched(readers=READERS)
    later = world.clock() + timedelta(seconds=30)
    with world.unit_of_work() as session:
        put_off = update(Delivery).where(Delivery.shard == 2)
        session.execute(put_off.values(state=State.deferred, due_at=later, deferrals=1))
    for shard in (1, 2, 3):
        rest(world, shard)
    assert to_ring(world) == []
    world.clock.now = later
    assert to_ring(world) == [2]
    world.clock.now += LOOK_AGAIN
    assert to_ring(world) == [1, 2, 3]


@pytest.mark.parametrize("what", ["wake", "death", "resume"])
def test_rows_that_come_back_wake_their_shards(world: World, what: str) -> None:
    """A person's retry, a dead runner's settled rows, a campaign that goes on."""
    world.launched(readers=READERS)
    for shard in (1, 2, 3):
        rest(world, shard)
    with world.unit_of_work() as session:
        campaign = find(session, world.campaign_id)
        assert campaign is not None
        if what == "wake":
            wake(session, campaign.id)
        elif what == "death":
            leave_all(session, 7, world.clock())
        else:
            pause(session, campaign, "eve@example.org", world.clock())
            resume(session, campaign, "eve@example.org", world.clock())
    world.plan()
    assert to_ring(world) == [1, 2, 3]


def test_a_campaign_ends_when_all_is_at_rest_and_nothing_is_open(world: World) -> None:
    """The rows are the truth: shards at rest alone end nothing, and the counts are kept at the end."""
    world.launched(readers=READERS)
    with world.unit_of_work() as session:
        session.execute(update(Delivery).values(state=State.accepted))
        assert not finish(session, world.campaign_id, world.clock()), "nobody has looked yet"
    for shard in (1, 2, 3):
        rest(world, shard)
    with world.unit_of_work() as session:
        session.execute(update(Delivery).where(Delivery.shard == 2).values(state=State.queued))
        assert not finish(session, world.campaign_id, world.clock()), "a row is open"
        session.execute(update(Delivery).where(Delivery.shard == 2).values(state="refused", reason="hard"))
        assert finish(session, world.campaign_id, world.clock())
        kept = session.execute(select(DeliveryCount.state, DeliveryCount.reason, DeliveryCount.readers))
        assert sorted(map(tuple, kept)) == [("accepted", "", 2), ("refused", "hard", 1)]
        assert session.scalar(select(func.count()).select_from(ShardLease)) == 0
