"""How long forms, evidence and readers are kept: who let go of us is found here, and evidence is emptied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions.models import ConsentRecord, Signup, Subscription


def forget_forms(session: Session, before: datetime, limit: int) -> int:
    """Delete old forms that lead to nobody, and take their origin off the others; return how many.

    A form of a reader stays, so that its link still knows them; its evidence stands in the consent records.
    """
    old = select(Signup.id).where(Signup.created_at < before, Signup.decided_at.is_not(None))
    nobodys = old.where(Signup.subscriber_id.is_(None)).limit(limit)
    gone = session.scalars(delete(Signup).where(Signup.id.in_(nobodys)).returning(Signup.id)).all()
    placed = old.where(or_(Signup.ip != "", Signup.user_agent != "", Signup.time_zone != "")).limit(limit)
    emptied = update(Signup).where(Signup.id.in_(placed)).values(ip="", user_agent="", time_zone="")
    return len(gone) + len(session.scalars(emptied.returning(Signup.id)).all())


def forget_evidence(session: Session, before: datetime, limit: int) -> int:
    """Take address and browser off old proofs of what is no longer read; return how many. The rest stays."""
    is_read = exists().where(
        Subscription.subscriber_id == ConsentRecord.subscriber_id,
        Subscription.notice_id == ConsentRecord.notice_id,
        Subscription.state == "active",
    )
    placed = or_(ConsentRecord.ip.is_not(None), ConsentRecord.user_agent.is_not(None))
    old = select(ConsentRecord.id).where(ConsentRecord.at < before, placed, ~is_read).limit(limit)
    emptied = update(ConsentRecord).where(ConsentRecord.id.in_(old)).values(ip=None, user_agent=None)
    return len(session.scalars(emptied.returning(ConsentRecord.id)).all())


def never_confirmed(session: Session, before: datetime, limit: int) -> Sequence[int]:
    """Return subscribers who never confirmed anything, and for whom nobody asked again since ``before``."""
    asked_since = exists().where(Signup.subscriber_id == Subscriber.id, Signup.created_at >= before)
    return _readers(session, before, limit, ~_has(Subscription.confirmed_at.is_not(None)), ~asked_since)


def gone_since(session: Session, before: datetime, limit: int) -> Sequence[int]:
    """Return subscribers who read nothing any more, and stopped the last of it before ``before``."""
    reads = _has(or_(Subscription.state != "ended", Subscription.ended_at >= before))
    return _readers(session, before, limit, _has(Subscription.confirmed_at.is_not(None)), ~reads)


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Subscription.subscriber_id == Subscriber.id, condition)


def _readers(
    session: Session, before: datetime, limit: int, *conditions: ColumnElement[bool]
) -> Sequence[int]:
    wanted = select(Subscriber.id).where(Subscriber.created_at < before, *conditions)
    # Held: whoever confirms in this moment comes before or after, and is then found or not.
    return session.scalars(wanted.order_by(Subscriber.id).limit(limit).with_for_update()).all()
