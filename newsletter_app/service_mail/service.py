"""Queueing a service mail within the transaction that causes it; one a day holds by a unique key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from newsletter_app import organisation, suppression
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.rings import ring
from newsletter_app.service_mail.models import ServiceMail

KINDS: Final = frozenset({
    "confirm", "already", "welcome", "link", "unknown", "goodbye", "address", "reply",
    "invite", "reset", "trial", "test",
    "staff-review", "staff-decided", "staff-tomorrow", "staff-went", "staff-gap", "staff-stopped",
    "staff-board",
})  # fmt: skip


def queue(
    session: Session,
    kind: str,
    *,
    address: str,
    address_key: str,
    language: Language,
    now: datetime,
    subscriber_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
    compiled: bytes | None = None,
    once: str | None = None,
    at_most: int | None = None,
) -> ServiceMail | None:
    """Queue one mail, or return None when ``once`` was taken or the address is suppressed for *all*.

    ``at_most`` is how many of this kind the address may get within 24 hours, whoever causes them.
    ``facts`` hold ids, times as ISO text and LinkSpecs; ``compiled`` is the edition that a test mail copies.
    Raises Breach for an unknown kind.
    """
    if kind not in KINDS:
        raise Breach("service-mail-kind-unknown", kind=kind)
    if suppression.is_suppressed(session, address_key, "all"):
        return None
    if at_most is not None and _queued_today(session, kind, address_key, now) >= at_most:
        return None
    mail = ServiceMail(
        kind=kind, language=language, address=address, address_key=address_key, subscriber_id=subscriber_id,
        facts=dict(facts or {}), compiled=compiled, once=once, state="queued", due_at=now, created_at=now,
    )  # fmt: skip
    # The unique key decides, not a question asked before: two workers may be at the same point (S2).
    try:
        with session.begin_nested():
            session.add(mail)
    except IntegrityError:
        return None
    ring(session, "send_service_mails")
    return mail


def _queued_today(session: Session, kind: str, address_key: str, now: datetime) -> int:
    mine = select(func.count()).where(
        ServiceMail.address_key == address_key,
        ServiceMail.kind == kind,
        ServiceMail.created_at > now - timedelta(days=1),
    )
    return session.scalar(mine) or 0


def local_day(session: Session, now: datetime) -> str:
    """Return the organisation's date ("2026-03-02") that keys of one a day are made of."""
    known = organisation.find(session)
    return now.astimezone(ZoneInfo(known.time_zone if known else "UTC")).date().isoformat()
