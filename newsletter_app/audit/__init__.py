"""The audit log: an act is noted, the newest are read; nothing is ever changed.

Erasure alone blots the addresses of readers out of what was written beside an act.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.audit.models import AuditEntry

__all__ = ["ORIGIN", "AuditEntry", "blot", "newest", "note"]

BLOT: Final = "(address)"
# Where a session's acts come from, in ``Session.info``, so that no verb between a page and its note says it.
ORIGIN: Final = "origin"


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

    ``origin`` is the IP address of a browser, unless told the one of the session; commands and the machine
    have none.
    """
    origin = origin or session.info.get(ORIGIN, "")
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


def blot(session: Session, addresses: Iterable[str]) -> int:
    """Blot these addresses out of subjects and details; return of how many entries. Who acted stays.

    An address with other letters than ASCII stands escaped in the stored details, and is looked for so.
    """
    spelled = {text for address in addresses for text in (address, json.dumps(address)[1:-1])}
    pattern = re.compile("|".join(map(re.escape, sorted(spelled))), re.IGNORECASE)
    details = func.lower(cast(AuditEntry.details, String))
    told = [
        column.contains(text.lower(), autoescape=True)
        for text in spelled
        for column in (details, func.lower(AuditEntry.subject))
    ]
    found = session.scalars(select(AuditEntry).where(or_(*told))).all() if told else []
    for entry in found:
        entry.subject = pattern.sub(BLOT, entry.subject)
        entry.details = json.loads(pattern.sub(BLOT, json.dumps(entry.details)))
    session.flush()
    return len(found)
