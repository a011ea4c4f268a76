"""Proving who one is: a password, then a code; the same work and answer whoever is asked for (S22)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.orm import Session

from newsletter_app import audit
from newsletter_app.identity import passwords, second_factor
from newsletter_app.identity.models import RecoveryCode, Staff
from newsletter_app.identity.rules import NEEDS_SECOND_FACTOR
from newsletter_app.identity.sealing import opened
from newsletter_app.identity.sessions import Stage
from newsletter_app.kernel.addresses import AddressFault, address_key, parse_address

Proof = Literal["code", "recovery"]


def by_address(session: Session, text: str, *, hash_key: bytes) -> Staff | None:
    """Return the person with this address, in any case of its letters; None for what is no address."""
    try:
        key = address_key(hash_key, parse_address(text.strip()))
    except AddressFault:
        return None
    return session.scalars(select(Staff).where(Staff.address_key == key)).one_or_none()


def check_password(
    session: Session, address: str, password: str, *, hash_key: bytes, now: datetime, origin: str
) -> Staff | None:
    """Return the person whose address and password these are, or None; a refusal is noted either way."""
    staff = by_address(session, address, hash_key=hash_key)
    is_known = staff is not None and staff.state == "active"
    if passwords.matches(password, staff.password_hash if is_known and staff else "") and staff is not None:
        return staff
    note_refusal(session, staff, "password", now=now, origin=origin)
    return None


def next_stage(staff: Staff) -> Stage:
    """Return how far the password alone leads: to a code, to setting one up, or in."""
    if staff.has_second_factor:
        return "password"
    return "enrol" if staff.role in NEEDS_SECOND_FACTOR else "full"


def check_code(session: Session, staff: Staff, text: str, *, hash_key: bytes, now: datetime) -> Proof | None:
    """Return how ``text`` proves this person: their app's code, or a recovery code, each good once."""
    if staff.seed is None:
        return None
    if _use_step(session, staff, text, hash_key, now):
        return "code"
    return "recovery" if _use_recovery_code(session, staff, text, hash_key, now) else None


def note_refusal(session: Session, staff: Staff | None, what: str, *, now: datetime, origin: str) -> None:
    """Note that somebody could not prove to be this person; what they typed is not kept."""
    actor, subject = (staff.address, f"staff:{staff.id}") if staff else ("unknown", "")
    audit.note(
        session, actor=actor, action="staff.refused", subject=subject, details={"what": what}, now=now,
        origin=origin,
    )  # fmt: skip


def _use_step(session: Session, staff: Staff, text: str, hash_key: bytes, now: datetime) -> bool:
    seed = opened(hash_key, staff.id, staff.seed or b"")
    step = second_factor.matching_step(seed, text, now, after=staff.last_step)
    if step is None:
        return False
    # Of two requests with one code the condition lets one through.
    unused = update(Staff).where(Staff.id == staff.id, Staff.last_step < step)
    return _changed_one(session, unused.values(last_step=step))


def _use_recovery_code(session: Session, staff: Staff, text: str, hash_key: bytes, now: datetime) -> bool:
    digest = second_factor.recovery_digest(hash_key, text)
    unused = update(RecoveryCode).where(
        RecoveryCode.staff_id == staff.id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None)
    )
    return _changed_one(session, unused.values(used_at=now))


def _changed_one(session: Session, statement: Update) -> bool:
    return cast(CursorResult[Any], session.execute(statement)).rowcount == 1
