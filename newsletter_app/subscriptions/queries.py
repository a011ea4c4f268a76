"""Questions about subscriptions; nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.remembering import once
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions.models import ConsentRecord, Owed, Subscription
from newsletter_app.tips import Publication


def of_subscriber(
    session: Session, subscriber_id: int, notice_ids: Iterable[int] | None = None, *, lock: bool = False
) -> list[Subscription]:
    """Return a reader's subscriptions in every state, in the order of the notices.

    ``lock`` holds the reader and the rows until the transaction ends, for verbs that decide on what they
    read. Planning holds the reader alone: no subscription and no series is changed without it.
    """
    if lock:
        # As the planner does, and not FOR UPDATE, which two who make new rows would both wait for.
        reader = select(Subscriber.id).where(Subscriber.id == subscriber_id).with_for_update(key_share=True)
        session.execute(reader)
    wanted = (
        select(Subscription)
        .join(Notice, Notice.id == Subscription.notice_id)
        .where(Subscription.subscriber_id == subscriber_id)
        .order_by(Notice.position, Notice.id)
    )
    if notice_ids is not None:
        wanted = wanted.where(Subscription.notice_id.in_(list(notice_ids)))
    if lock:
        wanted = wanted.with_for_update(of=Subscription, key_share=True).execution_options(
            populate_existing=True
        )
    if notice_ids is not None or lock:
        return list(session.scalars(wanted))
    return list(once(session, (Subscription, subscriber_id), lambda: session.scalars(wanted).all()))


def owed_to(session: Session, subscriber_id: int) -> list[int]:
    """Return the tips that are still to come to a reader although a cursor has passed them, oldest first."""
    theirs = (
        select(Publication.tip_id)
        .join(Owed, Owed.publication_id == Publication.id)
        .join(Subscription, Subscription.id == Owed.subscription_id)
        .where(Subscription.subscriber_id == subscriber_id, Subscription.state == "active")
        .order_by(Publication.id)
    )
    return list(dict.fromkeys(session.scalars(theirs)))


def consents_of(session: Session, subscriber_id: int) -> Sequence[ConsentRecord]:
    """Return a reader's consent records, oldest first."""
    records = select(ConsentRecord).where(ConsentRecord.subscriber_id == subscriber_id)
    return session.scalars(records.order_by(ConsentRecord.id)).all()


def head(session: Session, notice_id: int) -> int:
    """Return the highest ``seq`` of a notice's stream, 0 before its first publication."""
    return session.scalar(select(Notice.last_seq).where(Notice.id == notice_id)) or 0


def head_of(notice_id: int) -> ScalarSelect[int]:
    """Return the head as an expression, so that reading it and moving a cursor is one statement."""
    return select(Notice.last_seq).where(Notice.id == notice_id).scalar_subquery()
