"""Mails of a try-out to somebody who is erased, and about them: they go."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.outbox.models import OutboxMessage


def erase(session: Session, whose: DataSubject, keys: Iterable[str] = ()) -> int:
    """Delete the mails to this person and those with these keys of the ledger; return how many."""
    theirs = or_(whose.lives_at(OutboxMessage.recipient), OutboxMessage.key.in_(list(keys)))
    return len(session.scalars(delete(OutboxMessage).where(theirs).returning(OutboxMessage.id)).all())
