"""Shards: parts of a campaign that one process works on at a time; the claim is safe even without them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Update, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from newsletter_app.delivery.models import Delivery, ShardLease
from newsletter_app.delivery.rules import OPEN
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import State

SLICE: Final = timedelta(seconds=20)
LEASE: Final = timedelta(seconds=25)
# What came back to a shard at rest without a word is found by then; nothing is lost, only late.
LOOK_AGAIN: Final = timedelta(seconds=60)
A_WHILE: Final = timedelta(seconds=10)
NOBODY: Final = 0  # The sender of a shard that was rung for, and that nobody took up yet.


def open_shards(session: Session, campaign_id: int, now: datetime) -> None:
    """Have every shard looked through that holds an open row; whoever works on one goes on.

    One walk over the campaign's rows, so that a small campaign is not rung for sixteen times.
    """
    mine = Delivery.campaign_id == campaign_id
    with_rows = session.scalars(select(Delivery.shard).where(mine, Delivery.state.in_(OPEN)).distinct()).all()
    wake(session, campaign_id)
    rows = [
        {"campaign_id": campaign_id, "shard": shard, "sender_id": NOBODY, "until_at": now}
        for shard in sorted(with_rows)
    ]
    if rows:
        session.execute(insert(session, ShardLease).values(rows).on_conflict_do_nothing())


def wake(session: Session, campaign_id: int) -> None:
    """Have the campaign's shards looked through again: rows came back."""
    mine = ShardLease.campaign_id == campaign_id
    session.execute(update(ShardLease).where(mine).values(looked_at=None, next_at=None))


def take_shard(session: Session, campaign_id: int, shard: int, sender_id: int, now: datetime) -> bool:
    """Become the shard's runner for a slice; False while another one is."""
    mine = _runner(sender_id, now)
    taken = (
        insert(session, ShardLease)
        .values(campaign_id=campaign_id, shard=shard, **mine)
        .on_conflict_do_update(
            index_elements=["campaign_id", "shard"],
            set_=mine,
            where=or_(ShardLease.until_at <= now, ShardLease.sender_id.in_([sender_id, NOBODY])),
        )
        .returning(ShardLease.shard)
    )
    return session.scalar(taken) is not None


def leave_shard(session: Session, campaign_id: int, shard: int, sender_id: int, now: datetime) -> None:
    """Stop being the shard's runner, with work left."""
    session.execute(_held(campaign_id, shard, sender_id).values(until_at=now))


def pass_shard_on(session: Session, campaign_id: int, shard: int, sender_id: int, now: datetime) -> None:
    """Stop being the runner of a shard that is rung for again at once: the tick need not ring as well."""
    session.execute(_held(campaign_id, shard, sender_id).values(sender_id=NOBODY, until_at=now + LEASE))


def put_shard_off(session: Session, campaign_id: int, shard: int, sender_id: int, now: datetime) -> None:
    """Stop being the runner of a shard that has rows, but no server takes them: it is tried again in a while.

    Or sooner, when its campaign is resumed.
    """
    again_at = now + A_WHILE
    held = _held(campaign_id, shard, sender_id)
    session.execute(held.values(until_at=now, looked_at=now, next_at=again_at))


def rest_shard(session: Session, campaign_id: int, shard: int, sender_id: int, now: datetime) -> None:
    """Stop being the runner of a shard that was walked through: it is left alone until its next row is due.

    That is a retry, or a reader whose own hour is still to come.
    """
    mine = and_(Delivery.campaign_id == campaign_id, Delivery.shard == shard)
    put_off = and_(mine, Delivery.state == State.deferred, Delivery.deferrals > 0)
    early = and_(mine, Delivery.state == State.queued, Delivery.due_at > now)
    # Two questions, since only what is put off has an index on its due time.
    found = [session.scalar(select(func.min(Delivery.due_at)).where(rows)) for rows in (put_off, early)]
    next_at = min((each for each in found if each is not None), default=None)
    session.execute(_held(campaign_id, shard, sender_id).values(until_at=now, looked_at=now, next_at=next_at))


def leave_all(session: Session, sender_id: int, now: datetime) -> None:
    """Stop being anybody's runner: the process was found dead, and what it held may have come back.

    A ring it had fetched died with it, so shards that were rung for and not taken up may be rung for again.
    """
    theirs = ShardLease.sender_id.in_([sender_id, NOBODY])
    session.execute(update(ShardLease).where(theirs).values(until_at=now, looked_at=None, next_at=None))


def shards_to_ring(session: Session, campaign_id: int, now: datetime) -> list[int]:
    """Return the shards with something to look for and no runner, marked as rung for until taken up."""
    due = or_(
        ShardLease.looked_at.is_(None), ShardLease.next_at <= now, ShardLease.looked_at <= now - LOOK_AGAIN
    )
    mine = and_(ShardLease.campaign_id == campaign_id, ShardLease.until_at <= now, due)
    # In one statement: a weekly mail has sixteen shards at rest for days, each looked at once a minute.
    rung = update(ShardLease).where(mine).values(**_runner(NOBODY, now)).returning(ShardLease.shard)
    return sorted(session.scalars(rung, execution_options={"synchronize_session": False}))


def close_shards(session: Session, campaign_id: int) -> None:
    """Forget the shards of a campaign that has no open row any more."""
    session.execute(delete(ShardLease).where(ShardLease.campaign_id == campaign_id))


def at_rest(campaign_id: int) -> ColumnElement[bool]:
    """Whether every shard was walked through and nothing waits in any."""
    busy = or_(ShardLease.looked_at.is_(None), ShardLease.next_at.is_not(None))
    return ~exists().where(ShardLease.campaign_id == campaign_id, busy)


def unfinished(session: Session) -> list[int]:
    """Return the campaigns that may hold open rows."""
    return list(session.scalars(select(ShardLease.campaign_id).distinct().order_by(ShardLease.campaign_id)))


def _runner(sender_id: int, now: datetime) -> dict[str, Any]:
    """Return what a shard says while somebody works on it, or was rung for."""
    return {"sender_id": sender_id, "until_at": now + LEASE, "looked_at": None, "next_at": None}


def _held(campaign_id: int, shard: int, sender_id: int) -> Update:
    mine = ShardLease.sender_id == sender_id
    return update(ShardLease).where(ShardLease.campaign_id == campaign_id, ShardLease.shard == shard, mine)
