"""The end of a pause: what came out meanwhile is offered; it is mailed only if its reader asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from newsletter_app import subscribers
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.kernel.upserts import insert
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions.models import Missed, Owed, Subscription
from newsletter_app.subscriptions.series import OWED
from newsletter_app.tips import ARCHIVE, Publication

AT_ONCE: Final = 500
UNSYNCED: Final = {"synchronize_session": False}


def end_pauses(session: Session, now: datetime, limit: int = AT_ONCE) -> int:
    """End up to ``limit`` pauses whose time is over; return how many.

    What was published before a pause's end counts as missed, however late this is done.
    """
    over = subscribers.paused_out(session, now, limit)
    if over:
        _settle(session, over)
        subscribers.end_pauses(session, over)
    return len(over)


def go_on(session: Session, subscriber: Subscriber, now: datetime) -> bool:
    """End a reader's pause now because they say so; False if they do not pause."""
    if subscriber.paused_until is None:
        return False
    subscribers.pause(session, subscriber, min(now, subscriber.paused_until))
    _settle(session, [subscriber.id])
    subscribers.end_pauses(session, [subscriber.id])
    session.refresh(subscriber)
    return True


def missed_by(session: Session, subscriber_id: int) -> list[int]:
    """Return the tips that a reader missed and may still ask for, the newest first."""
    theirs = (
        select(Publication.tip_id)
        .join(Missed, Missed.publication_id == Publication.id)
        .join(Subscription, Subscription.id == Missed.subscription_id)
        .where(Subscription.subscriber_id == subscriber_id, Subscription.state == "active")
        .order_by(Publication.created_at.desc(), Publication.id.desc())
    )
    return list(dict.fromkeys(session.scalars(theirs)))


def send_missed(session: Session, subscriber_id: int, now: datetime) -> None:
    """Owe a reader what they missed: it comes with their next mail, or in its turn where a series is read."""
    mine = Missed.subscription_id.in_(_active([subscriber_id]))
    asked = (
        select(Missed.subscription_id, Missed.publication_id, ~Subscription.live, literal(now, UtcDateTime))
        .join(Subscription, Subscription.id == Missed.subscription_id)
        .where(mine)
    )
    session.execute(insert(session, Owed).from_select(OWED, asked).on_conflict_do_nothing())
    forget_missed(session, subscriber_id)


def forget_missed(session: Session, subscriber_id: int) -> None:
    """Offer it no more."""
    mine = select(Subscription.id).where(Subscription.subscriber_id == subscriber_id)
    session.execute(delete(Missed).where(Missed.subscription_id.in_(mine)), execution_options=UNSYNCED)


def _active(subscriber_ids: Sequence[int]) -> Select[int]:
    theirs = Subscription.subscriber_id.in_(subscriber_ids), Subscription.state == "active"
    return select(Subscription.id).where(*theirs)


def _settle(session: Session, subscriber_ids: Sequence[int]) -> None:
    """Put aside what came out before these readers' pauses end, and move their cursors behind it.

    A series has only stood still: what is ahead there, and what waits for its turn, is not missed.
    """
    # Their readers are held already, as a planner holds them.
    held = _active(subscriber_ids).order_by(Subscription.id).with_for_update(key_share=True)
    ids = session.scalars(held).all()
    names = ["subscription_id", "publication_id"]
    for passed in (_published(ids), _given_back(ids)):
        session.execute(insert(session, Missed).from_select(names, passed).on_conflict_do_nothing())
    session.execute(
        delete(Owed).where(
            Owed.subscription_id.in_(ids),
            ~Owed.in_series,
            Owed.created_at < _until(Owed.subscription_id),
        ),
        execution_options=UNSYNCED,
    )
    last = (
        select(func.max(Publication.seq))
        .where(_is_before_the_end(), Publication.seq > Subscription.cursor)
        .correlate(Subscription)
        .scalar_subquery()
    )
    session.execute(
        update(Subscription)
        .where(Subscription.id.in_(ids), Subscription.live)
        .values(cursor=func.coalesce(last, Subscription.cursor)),
        execution_options=UNSYNCED,
    )


def _published(ids: Sequence[int]) -> Select[int, int]:
    missed = select(Subscription.id, Publication.id).join(
        Publication, and_(_is_before_the_end(), Publication.seq > Subscription.cursor)
    )
    return missed.where(Subscription.id.in_(ids), Subscription.live)


def _given_back(ids: Sequence[int]) -> Select[int, int]:
    since = func.coalesce(Subscription.confirmed_at, Owed.created_at)
    owed = select(Owed.subscription_id, Owed.publication_id).join(
        Subscription, and_(Subscription.id == Owed.subscription_id, Owed.created_at >= since)
    )
    return owed.where(
        Owed.subscription_id.in_(ids), ~Owed.in_series, Owed.created_at < _until(Owed.subscription_id)
    )


def _is_before_the_end() -> ColumnElement[bool]:
    ends_at = (
        select(Subscriber.paused_until)
        .where(Subscriber.id == Subscription.subscriber_id)
        .correlate(Subscription)
        .scalar_subquery()
    )
    return and_(
        Publication.notice_id == Subscription.notice_id,
        Publication.created_at < ends_at,
        Publication.seq < ARCHIVE,
    )


def _until(subscription_id: Any) -> Any:
    """When the pause of a subscription's reader ends."""
    whose = aliased(Subscription)
    return (
        select(Subscriber.paused_until)
        .join(whose, whose.subscriber_id == Subscriber.id)
        .where(whose.id == subscription_id)
        .scalar_subquery()
    )
