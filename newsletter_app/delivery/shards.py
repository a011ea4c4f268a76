"""Shards: parts of a campaign that one process works on at a time; the claim is safe even without them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from newsletter_app.delivery.models import Delivery, ShardLease
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import State

SLICE: Final = timedelta(seconds=20)
LEASE: Final = timedelta(seconds=25)
NOBODY: Final = 0  # The sender of a shard that was rung for, and that nobody took up yet.


def take_shard(session: Session, campaign_id: int, shard: int, sender_id: int, now: datetime) -> bool:
    """Become the shard's runner for a slice; False while another one is."""
    row = {"campaign_id": campaign_id, "shard": shard, "sender_id": sender_id, "until_at": now + LEASE}
    taken = (
        insert(session, ShardLease)
        .values(row)
        .on_conflict_do_update(
            index_elements=["campaign_id", "shard"],
            set_={"sender_id": sender_id, "until_at": now + LEASE},
            where=or_(ShardLease.until_at <= now, ShardLease.sender_id.in_([sender_id, NOBODY])),
        )
        .returning(ShardLease.shard)
    )
    return session.scalar(taken) is not None


def leave_shard(session: Session, campaign_id: int, shard: int, sender_id: int) -> None:
    """Stop being the shard's runner."""
    mine = ShardLease.sender_id == sender_id
    session.execute(
        delete(ShardLease).where(ShardLease.campaign_id == campaign_id, ShardLease.shard == shard, mine)
    )


def leave_all(session: Session, sender_id: int) -> None:
    """Stop being anybody's runner: the process was found dead.

    A ring it had fetched died with it, so shards that were rung for and not taken up may be rung for again.
    """
    session.execute(delete(ShardLease).where(ShardLease.sender_id.in_([sender_id, NOBODY])))


def shards_to_ring(session: Session, campaign_id: int, now: datetime) -> list[int]:
    """Return the shards with something due and no runner, marked as rung for so that the next tick waits."""
    live = select(ShardLease.shard).where(ShardLease.campaign_id == campaign_id, ShardLease.until_at > now)
    due = (
        select(Delivery.shard)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.state.in_([State.queued, State.deferred]),
            Delivery.due_at <= now,
            Delivery.shard.not_in(live),
        )
        .distinct()
        .order_by(Delivery.shard)
    )
    shards = list(session.scalars(due))
    return [shard for shard in shards if take_shard(session, campaign_id, shard, NOBODY, now)]
