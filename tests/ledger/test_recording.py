"""Recording: guarded by state and claim, so that a late or repeated record changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, Place, claim_rows
from newsletter_app.kernel.keys import HASH
from newsletter_app.ledger import (
    NextState,
    Record,
    State,
    beat,
    check_keys,
    last_beat,
    open_sender,
    raise_claim_no,
    record,
)
from tests.delivery.conftest import World, clock, world

__all__ = ["clock", "world"]


def claimed(world: World) -> tuple[int, Record]:
    """Claim the one row; return the sender and a record that it was accepted."""
    world.launched(readers=1)
    now = world.clock()
    with world.unit_of_work() as session:
        sender = open_sender(session, "bulk", "host", "boot", 1, now).id
        for shard in range(SHARDS):
            place = Place(world.campaign_id, shard, sender, raise_claim_no(session, sender, now))
            for row in claim_rows(session, place, now, 10).rows:
                made = Record(row.ids, row.claim_no, NextState(State.accepted), None, "mx:25")
    return sender, made


@pytest.mark.parametrize(
    "meanwhile",
    [{"claim_no": 999}, {"claim_sender": 999}, {"state": State.uncertain}, {"state": State.queued}],
)
def test_a_row_that_is_not_this_claims_any_more_stays(world: World, meanwhile: dict[str, object]) -> None:
    """Somebody else claimed or settled it."""
    sender, made = claimed(world)
    with world.unit_of_work() as session:
        session.execute(update(Delivery).values(meanwhile))
        before = session.scalars(select(Delivery.state)).one()
        assert record(session, DELIVERIES, sender, [made], world.clock()) == []
        assert session.scalars(select(Delivery.state)).one() == before


def test_a_record_counts_once(world: World) -> None:
    """The second is nobody's row."""
    sender, made = claimed(world)
    with world.unit_of_work() as session:
        assert len(record(session, DELIVERIES, sender, [made], world.clock())) == 1
        assert record(session, DELIVERIES, sender, [made], world.clock()) == []
        row = session.scalars(select(Delivery)).one()
        assert (row.state, row.attempts, row.settled_at) == (State.accepted, 1, world.clock())


def test_a_heartbeat_is_the_last_one(world: World) -> None:
    """One row per name."""
    with world.unit_of_work() as session:
        assert last_beat(session, "bulk_tick") is None
        beat(session, "bulk_tick", world.clock())
        world.clock.move(seconds=2)
        beat(session, "bulk_tick", world.clock())
        session.expire_all()
        assert last_beat(session, "bulk_tick") == world.clock()


def test_a_foreign_hash_key_is_refused_and_not_remembered(world: World) -> None:
    """Link keys may be added; the hash key never changes."""  # S30
    mine = {HASH: "a" * 32, "LINK:1": "1"}
    with world.unit_of_work() as session:
        assert check_keys(session, mine, world.clock()) == ()
        assert check_keys(session, mine | {"LINK:2": "2"}, world.clock()) == ()
        [fault] = check_keys(session, {HASH: "b" * 32, "LINK:1": "1", "LINK:2": "2"}, world.clock())
        assert "HASH_KEY" in fault
        assert check_keys(session, mine, world.clock())  # LINK:2 is missing now.
