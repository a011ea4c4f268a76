"""Who belongs to the staff: invited, given a role, disabled, let in again; nobody is ever deleted.

Each verb notes who did it; a change of role or state ends that person's sessions (S20).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import audit
from newsletter_app.identity import sessions
from newsletter_app.identity.actor import Role
from newsletter_app.identity.letters import INVITATION, mail_invitation, renew_links
from newsletter_app.identity.models import Staff
from newsletter_app.identity.proving import by_address
from newsletter_app.identity.rules import ROLES
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language


def find(session: Session, staff_id: int) -> Staff | None:
    """Return one person, or None."""
    return session.get(Staff, staff_id)


def everyone(session: Session) -> list[Staff]:
    """Return the staff, by address."""
    return list(session.scalars(select(Staff).order_by(Staff.address)))


def add(
    session: Session, address: str, role: Role, language: Language, *, hash_key: bytes, now: datetime
) -> Staff:
    """Add a person without a password; nobody is told. Raises AddressFault for what is no address."""
    parsed = parse_address(address.strip())
    staff = Staff(
        address=str(parsed), address_key=address_key(hash_key, parsed), role=role, language=language,
        state="invited", password_hash="", last_step=0, nonce=b"", created_at=now,
    )  # fmt: skip
    session.add(staff)
    session.flush()
    return staff


def invite(
    session: Session,
    address: str,
    role: Role,
    language: Language,
    *,
    by: str,
    hash_key: bytes,
    now: datetime,
    origin: str = "",
) -> Staff:
    """Add a person, who is mailed a link to choose a password; one who has not done so yet is invited anew.

    Raises AddressFault for what is no address, Breach for an unknown role or one who is there already.
    """
    if role not in ROLES:
        raise Breach("role-unknown", role=role)
    staff = by_address(session, address, hash_key=hash_key)
    if staff is None:
        staff = add(session, address, role, language, hash_key=hash_key, now=now)
    elif staff.state != "invited":
        raise Breach("staff-exists", state=staff.state)
    staff.role, staff.language = role, language
    invite_again(session, staff, by=by, now=now, origin=origin)
    return staff


def invite_again(session: Session, staff: Staff, *, by: str, now: datetime, origin: str = "") -> None:
    """Mail a new link to somebody who has not chosen a password yet. Raises Breach for anybody else."""
    if staff.state != "invited":
        raise Breach("staff-exists", state=staff.state)
    renew_links(staff, until=now + INVITATION)
    mail_invitation(session, staff, now)
    _note(session, staff, "staff.invited", by, now, origin, role=staff.role)


def set_role(session: Session, staff: Staff, role: Role, *, by: str, now: datetime, origin: str = "") -> None:
    """Give a person another role. Raises Breach for an unknown one and where no owner would be left."""
    if role not in ROLES:
        raise Breach("role-unknown", role=role)
    if role != "owner":
        _keep_an_owner(session, staff)
    staff.role = role
    sessions.end_all(session, staff.id)
    _note(session, staff, "staff.role", by, now, origin, role=role)


def disable(session: Session, staff: Staff, *, by: str, now: datetime, origin: str = "") -> None:
    """Let a person in no more, from this moment. Raises Breach where no owner would be left."""
    _keep_an_owner(session, staff)
    staff.state = "disabled"
    renew_links(staff, until=None)
    sessions.end_all(session, staff.id)
    _note(session, staff, "staff.disabled", by, now, origin)


def enable(session: Session, staff: Staff, *, by: str, now: datetime, origin: str = "") -> None:
    """Let a disabled person in again, as they were; one without a password is to be invited again."""
    staff.state = "active" if staff.password_hash else "invited"
    _note(session, staff, "staff.enabled", by, now, origin)


def set_language(session: Session, staff_id: int, language: Language) -> None:
    """Write the console and its mails to this person in ``language``."""
    staff = session.get(Staff, staff_id)
    if staff is not None:
        staff.language = language


def _keep_an_owner(session: Session, staff: Staff) -> None:
    others = select(func.count()).where(Staff.role == "owner", Staff.state == "active", Staff.id != staff.id)
    if staff.role == "owner" and staff.state == "active" and not session.scalar(others):
        raise Breach("last-owner")


def _note(
    session: Session, staff: Staff, action: str, by: str, now: datetime, origin: str, **details: str
) -> None:
    subject = f"staff:{staff.id}"
    audit.note(session, actor=by, action=action, subject=subject, details=details, now=now, origin=origin)
