"""Mails of a try-out to somebody who is erased, and about them: they go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.outbox.models import OutboxMessage


def erase(session: Session, whose: DataSubject, keys: Iterable[str] = ()) -> int:
    """Delete the mails to this person and those with these keys of the ledger; return how many."""
    theirs = or_(whose.lives_at(OutboxMessage.recipient), OutboxMessage.key.in_(list(keys)))
    return len(session.scalars(delete(OutboxMessage).where(theirs).returning(OutboxMessage.id)).all())


def forget(session: Session, before: datetime, limit: int) -> int:
    """Delete mails of a try-out that were kept before a moment; return how many."""
    old = select(OutboxMessage.id).where(OutboxMessage.created_at < before).limit(limit)
    gone = delete(OutboxMessage).where(OutboxMessage.id.in_(old)).returning(OutboxMessage.id)
    return len(session.scalars(gone).all())
