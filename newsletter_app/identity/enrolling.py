"""What a person proves themselves with, chosen and changed: password, second factor, recovery codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter_app import audit
from newsletter_app.identity import passwords, second_factor, sessions
from newsletter_app.identity.letters import renew_links
from newsletter_app.identity.models import RecoveryCode, Staff
from newsletter_app.identity.rules import NEEDS_SECOND_FACTOR
from newsletter_app.identity.sealing import opened, sealed
from newsletter_app.kernel.errors import Breach


def judge_password(staff: Staff, password: str, words: Iterable[str] = ()) -> str | None:
    """Return why this person may not take this password (see ``passwords.judge``), or None."""
    return passwords.judge(password, beside_a_code=_uses_codes(staff), words=[*words, staff.address])


def shortest_password(staff: Staff) -> int:
    """Return how many signs this person's password must have."""
    return passwords.SHORTEST_BESIDE_A_CODE if _uses_codes(staff) else passwords.SHORTEST


def set_password(
    session: Session,
    staff: Staff,
    password: str,
    *,
    words: Iterable[str] = (),
    now: datetime,
    origin: str = "",
    but: int | None = None,
) -> str | None:
    """Take a password and return None, or return why it is refused and change nothing.

    It makes an invited person active, revokes every link they were sent, and ends their sessions but ``but``.
    Raises Breach for somebody who is disabled.
    """
    if staff.state == "disabled":
        raise Breach("staff-disabled")
    if refusal := judge_password(staff, password, words):
        return refusal
    staff.password_hash, staff.state = passwords.hashed(password), "active"
    renew_links(staff, until=None)
    sessions.end_all(session, staff.id, but=but)
    _note(session, staff, "staff.password", now, origin)
    return None


def begin_second_factor(session: Session, staff: Staff, *, hash_key: bytes) -> None:
    """Make a seed for the person's app; the one in use stays until a code of the new one was seen."""
    staff.candidate = sealed(hash_key, staff.id, second_factor.new_seed())
    session.flush()


def candidate(staff: Staff, *, hash_key: bytes) -> bytes | None:
    """Return the seed that waits for its first code, or None."""
    return opened(hash_key, staff.id, staff.candidate) if staff.candidate else None


def confirm_second_factor(
    session: Session, staff: Staff, code: str, *, hash_key: bytes, now: datetime, origin: str = ""
) -> list[str] | None:
    """Take the waiting seed into use if this is its code; return new recovery codes, to be shown once.

    It ends every session of this person: one that a password alone began could set up another phone.
    """
    seed = candidate(staff, hash_key=hash_key)
    step = second_factor.matching_step(seed, code, now, after=0) if seed else None
    if step is None:
        return None
    staff.seed, staff.candidate, staff.last_step = staff.candidate, None, step
    sessions.end_all(session, staff.id)
    _note(session, staff, "staff.second-factor", now, origin)
    return new_recovery_codes(session, staff, hash_key=hash_key)


def new_recovery_codes(session: Session, staff: Staff, *, hash_key: bytes) -> list[str]:
    """Return ten new codes and forget the old ones; only their keyed hashes are kept."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    codes = second_factor.new_recovery_codes()
    digests = (second_factor.recovery_digest(hash_key, code) for code in codes)
    session.add_all(RecoveryCode(staff_id=staff.id, digest=digest) for digest in digests)
    session.flush()
    return codes


def codes_left(session: Session, staff_id: int) -> int:
    """Return how many recovery codes were not used yet."""
    unused = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def forget_second_factor(session: Session, staff: Staff, *, by: str, now: datetime, origin: str = "") -> None:
    """Take the second factor off somebody who lost it, by another person's word; their sessions end.

    Whose role needs one sets up a new one when they next sign in with their password.
    """
    staff.seed = staff.candidate = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    sessions.end_all(session, staff.id)
    subject = f"staff:{staff.id}"
    audit.note(session, actor=by, action="staff.second-factor-taken", subject=subject, now=now, origin=origin)


def _uses_codes(staff: Staff) -> bool:
    return staff.has_second_factor or staff.role in NEEDS_SECOND_FACTOR


def _note(session: Session, staff: Staff, action: str, now: datetime, origin: str) -> None:
    audit.note(
        session, actor=staff.address, action=action, subject=f"staff:{staff.id}", now=now, origin=origin
    )
