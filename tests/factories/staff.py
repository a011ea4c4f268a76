"""People of the staff as the console leaves them, without the work of choosing a password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import identity
from newsletter_app.identity import Role, Staff
from tests.factories.people import HASH_KEY

PASSWORD = "seven brown hens in a row"


def make_staff(
    session: Session,
    role: Role,
    now: datetime,
    *,
    address: str = "",
    password: str = "",
    by: str = "owner@example.org",
) -> Staff:
    """Return an active person of ``role`` (``role@example.org`` unless told); only a password costs time."""
    address = address or f"{role}@example.org"
    staff = identity.invite(session, address, role, "en", by=by, hash_key=HASH_KEY, now=now)
    if password:
        assert identity.set_password(session, staff, password, now=now) is None
    staff.state = "active"
    session.flush()
    return staff


def give_second_factor(session: Session, staff: Staff, now: datetime) -> tuple[bytes, list[str]]:
    """Let this person's app be known; return its seed and the recovery codes."""
    identity.begin_second_factor(session, staff, hash_key=HASH_KEY)
    seed = identity.candidate(staff, hash_key=HASH_KEY)
    assert seed is not None
    code = identity.second_factor.code_at(seed, now)
    codes = identity.confirm_second_factor(session, staff, code, hash_key=HASH_KEY, now=now)
    assert codes is not None
    return seed, codes
