"""Claiming service mails for one sender, row by row; an address that may not be written to is skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, null, select, update
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.ledger import State, raise_claim_no
from newsletter_app.service_mail.models import ServiceMail
from newsletter_app.suppression import Suppression

# RFC 5321 4.5.4.1 gives up after four or five days; links of seven days are still good by then.
LIFETIME: Final = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed row as the sender needs it; ``message`` is None until it was composed."""

    id: int
    claim_no: int
    kind: str
    language: Language
    address: str
    address_key: str
    subscriber_id: int | None
    facts: Mapping[str, Any]
    attempts: int
    created_at: datetime
    first_attempt_at: datetime
    message: bytes | None
    compiled: bytes | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """The row's key, as the ledger knows it."""
        return (self.id,)

    @property
    def expires_at(self) -> datetime:
        """When retrying ends."""
        return self.created_at + LIFETIME


def claim(session: Session, sender_id: int, now: datetime, limit: int) -> list[Claimed]:
    """Claim up to ``limit`` due mails for a sender, oldest first, raising its claim number once.

    The caller commits before the first hand-over. ``first_attempt_at`` is set by the first claim
    and is the Date of every retry (M4); a row that was freed untried begins anew, octets and all.
    """
    _skip_suppressed(session, now)
    due = (
        select(ServiceMail.id)
        .where(_is_due(now))
        .order_by(ServiceMail.due_at, ServiceMail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(due))
    if not ids:
        return []
    claim_no = raise_claim_no(session, sender_id, now)
    claimed = (
        update(ServiceMail)
        .where(ServiceMail.id.in_(ids))
        .values(
            state=State.claimed,
            claim_sender=sender_id,
            claim_no=claim_no,
            claimed_at=now,
            message=case((ServiceMail.first_attempt_at.is_(None), null()), else_=ServiceMail.message),
            first_attempt_at=func.coalesce(ServiceMail.first_attempt_at, now),
        )
        .returning(ServiceMail)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    rows: Sequence[ServiceMail] = session.scalars(claimed).all()
    return sorted((_as_claimed(row, claim_no, now) for row in rows), key=lambda mail: mail.id)


def keep_message(session: Session, mail_id: int, message: bytes) -> None:
    """Keep the octets as composed at the first attempt: a retry sends the same ones."""
    session.execute(update(ServiceMail).where(ServiceMail.id == mail_id).values(message=message))


def _skip_suppressed(session: Session, now: datetime) -> None:
    forbidden = select(Suppression.address_key).where(Suppression.scope == "all")
    session.execute(
        update(ServiceMail)
        .where(_is_due(now), ServiceMail.address_key.in_(forbidden))
        .values(
            state=State.skipped, reason="suppressed", settled_at=now, message=None, compiled=None, facts={}
        )
        .execution_options(synchronize_session=False)
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return ServiceMail.state.in_((State.queued, State.deferred)) & (ServiceMail.due_at <= now)


def _as_claimed(row: ServiceMail, claim_no: int, now: datetime) -> Claimed:
    return Claimed(
        id=row.id,
        claim_no=claim_no,
        kind=row.kind,
        language=as_language(row.language),
        address=row.address,
        address_key=row.address_key,
        subscriber_id=row.subscriber_id,
        facts=row.facts,
        attempts=row.attempts,
        created_at=row.created_at,
        first_attempt_at=row.first_attempt_at or now,
        message=row.message,
        compiled=row.compiled,
    )
