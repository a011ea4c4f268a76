"""Senders: processes that claim, each with a number that only rises; nothing here hands over mail."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Integer, bindparam, case, literal, update
from sqlalchemy.orm import Session

from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.kernel.errors import Breach
from newsletter_app.ledger.models import Sender

KINDS: Final = ("service", "bulk")

# Executed with each claim, so that it is built once.
_RAISE: Final = (
    update(Sender)
    .where(Sender.id == bindparam("p_sender", type_=Integer))
    .values(claim_no=Sender.claim_no + 1, seen_at=bindparam("p_now", type_=UtcDateTime), ended_at=None)
    .returning(Sender.claim_no)
)


def open_sender(session: Session, kind: str, host: str, boot_id: str, pid: int, now: datetime) -> Sender:
    """Register the process that begins to send now."""
    if kind not in KINDS:
        raise Breach("sender-kind", kind=kind)
    sender = Sender(kind=kind, host=host, boot_id=boot_id, pid=pid, claim_no=0, started_at=now, seen_at=now)
    session.add(sender)
    session.flush()
    return sender


def raise_claim_no(session: Session, sender_id: int, now: datetime) -> int:
    """Return the next claim's number and renew the lease. Raises Breach when the sender is unknown.

    It belongs into the claim's own transaction: a committed claim has a number nobody else has.
    """
    number = session.connection().scalar(_RAISE, {"p_sender": sender_id, "p_now": now})
    if number is None:
        raise Breach("sender-unknown", sender=sender_id)
    return int(number)


def renew(session: Session, sender_id: int, now: datetime) -> None:
    """Show that the sender lives, so that its claimed rows are left to it."""
    later = case((Sender.seen_at < now, literal(now, UtcDateTime)), else_=Sender.seen_at)
    session.execute(update(Sender).where(Sender.id == sender_id).values(seen_at=later, ended_at=None))
