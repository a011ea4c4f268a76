"""Questions to the outbox: the newest mails, and one of them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.outbox.models import OutboxMessage


def newest(session: Session, limit: int) -> list[OutboxMessage]:
    """Return up to ``limit`` mails, the newest first."""
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)))


def find(session: Session, message_id: int) -> OutboxMessage | None:
    """Return one mail, or None."""
    return session.get(OutboxMessage, message_id)
