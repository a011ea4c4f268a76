"""Each row of a batch is judged by its own reader: the others' subscriptions say nothing about it."""

from __future__ import annotations

from sqlalchemy import select, update

from newsletter_app.delivery import SHARDS, Delivery, Place, claim_rows, recheck_rows
from newsletter_app.ledger import State, raise_claim_no
from newsletter_app.subscriptions import Subscription
from tests.delivery.conftest import World

READERS = 2 * SHARDS


def test_a_claim_leaves_out_only_the_reader_who_stopped(world: World) -> None:
    world.launched(readers=READERS)
    stopped, other = _two_of_one_shard(world)
    _stop(world, stopped)
    assert _claim(world, stopped) == [other]
    assert _states(world, stopped, other) == [State.skipped, State.claimed]


def test_a_second_look_drops_only_the_reader_who_stopped(world: World) -> None:
    world.launched(readers=READERS)
    stopped, other = _two_of_one_shard(world)
    assert _claim(world, stopped) == [stopped, other]
    _stop(world, stopped)
    rows = [(world.campaign_id, stopped), (world.campaign_id, other)]
    with world.unit_of_work() as session:
        place = Place(world.campaign_id, stopped % SHARDS, sender_id=1, claim_no=1)
        dropped = recheck_rows(session, place, rows, world.clock())
    assert dropped == {rows[0]}  # M51
    assert _states(world, stopped, other) == [State.skipped, State.claimed]


def _two_of_one_shard(world: World) -> tuple[int, int]:
    with world.unit_of_work() as session:
        first = session.scalars(select(Delivery.subscriber_id).order_by(Delivery.subscriber_id)).first()
    assert first is not None
    return first, first + SHARDS


def _stop(world: World, reader: int) -> None:
    with world.unit_of_work() as session:
        session.execute(
            update(Subscription).where(Subscription.subscriber_id == reader).values(state="ended")
        )


def _claim(world: World, reader: int) -> list[int]:
    """Claim the shard of ``reader`` as sender 1, claim 1; return the readers whose mails may leave."""
    sender_id = world.office().sender_id
    with world.unit_of_work() as session:
        claim_no = raise_claim_no(session, sender_id, world.clock())
        place = Place(world.campaign_id, reader % SHARDS, sender_id, claim_no)
        assert (sender_id, claim_no) == (1, 1)
        return [row.subscriber_id for row in claim_rows(session, place, world.clock(), 200).rows]


def _states(world: World, *readers: int) -> list[str]:
    with world.unit_of_work() as session:
        rows = select(Delivery.state).where(Delivery.subscriber_id.in_(readers))
        return list(session.scalars(rows.order_by(Delivery.subscriber_id)))
