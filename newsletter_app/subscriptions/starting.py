"""Making subscriptions pending or active; all but an Undo set the cursor to the notice's head."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from newsletter_app.subscriptions.models import Missed, Owed, Series, Subscription
from newsletter_app.subscriptions.queries import head_of, of_subscriber


def put_pending(session: Session, subscriber_id: int, notice_ids: Iterable[int], now: datetime) -> None:
    """Make these subscriptions wait for confirmation; an active one is left alone.

    ``ended_at`` of one that had ended stays until it is confirmed: somebody else may have signed up.
    """
    wanted = sorted(notice_ids)
    for notice_id in wanted:
        _row(session, subscriber_id, notice_id, now)
    # Guarded by the state itself: a row that was started again meanwhile must not be un-confirmed.
    session.execute(
        update(Subscription)
        .where(Subscription.subscriber_id == subscriber_id, Subscription.notice_id.in_(wanted))
        .where(Subscription.state == "ended")
        .values(state="pending")
    )


def activate(
    session: Session, subscriber_id: int, notice_ids: Iterable[int], now: datetime
) -> tuple[int, ...]:
    """Make these subscriptions active and return the notices that were not active before.

    The caller records the act of consent. The cursor is the head: what was published before is not
    owed. One that is active already keeps its cursor, or it would lose what is still to come.
    """
    wanted = sorted(notice_ids)
    for notice_id in wanted:
        _row(session, subscriber_id, notice_id, now)
    waiting = [
        subscription
        for subscription in of_subscriber(session, subscriber_id, wanted, lock=True)
        if subscription.state != "active"
    ]
    for subscription in waiting:
        _start(session, subscription, now)
    return tuple(subscription.notice_id for subscription in waiting)


def resume(session: Session, subscriber_id: int, notice_ids: Iterable[int], now: datetime) -> tuple[int, ...]:
    """Take back that these subscriptions were stopped, and return the notices; the caller records it.

    A slip of the hand costs nothing: cursor, series and what is owed are as they were.
    """
    stopped = [
        row for row in of_subscriber(session, subscriber_id, notice_ids, lock=True) if row.state != "active"
    ]
    for row in stopped:
        row.state, row.confirmed_at = "active", row.confirmed_at or now
        row.ended_at, row.end_reason, row.end_why = None, None, None
    session.flush()
    return tuple(row.notice_id for row in stopped)


def clear(session: Session, subscription: Subscription) -> None:
    """Owe nothing of an earlier time: what comes out from now on is what is unseen."""
    for held in (Owed, Missed, Series):
        session.execute(delete(held).where(held.subscription_id == subscription.id))
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription.id)
        .values(cursor=head_of(subscription.notice_id), live=True)
        .execution_options(synchronize_session=False)
    )
    session.refresh(subscription)


def _start(session: Session, subscription: Subscription, now: datetime) -> None:
    clear(session, subscription)
    subscription.state, subscription.confirmed_at = "active", now
    subscription.ended_at, subscription.end_reason, subscription.end_why = None, None, None
    session.flush()


def _row(session: Session, subscriber_id: int, notice_id: int, now: datetime) -> Subscription:
    """Return the row, made as pending if there was none, also when another worker makes it meanwhile."""
    wanted = select(Subscription).where(
        Subscription.subscriber_id == subscriber_id, Subscription.notice_id == notice_id
    )
    found = session.scalar(wanted)
    if found is not None:
        return found
    subscription = Subscription(
        subscriber_id=subscriber_id, notice_id=notice_id, state="pending", created_at=now
    )
    try:
        with session.begin_nested():
            session.add(subscription)
    except IntegrityError:
        return session.scalars(wanted).one()
    return subscription
