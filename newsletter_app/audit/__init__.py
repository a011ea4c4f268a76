"""The audit log: one verb to note an act, one question to read the newest; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.audit.models import AuditEntry

__all__ = ["AuditEntry", "newest", "note"]


def note(
    session: Session,
    *,
    actor: str,
    action: str,
    now: datetime,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    origin: str = "",
) -> AuditEntry:
    """Add an entry: who (an e-mail or "machine"), what ("campaign.cancelled"), on what ("campaign:4").

    ``origin`` is the IP address of a browser; commands and the machine have none.
    """
    entry = AuditEntry(
        at=now, actor=actor, action=action, subject=subject, details=dict(details or {}), origin=origin
    )
    session.add(entry)
    session.flush()
    return entry


def newest(session: Session, limit: int = 100, *, before: int | None = None) -> list[AuditEntry]:
    """Return the newest entries, newest first; those noted before the entry ``before`` where it is given."""
    found = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    return list(session.scalars(found.where(AuditEntry.id < before) if before is not None else found))
