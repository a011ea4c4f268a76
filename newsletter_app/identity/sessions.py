"""Where staff are signed in: sessions in a table, begun, found and ended; a cookie holds only a random key.

The idle limit is the face's: it dates what it hands out, so that reading a page writes nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter_app.identity.actor import Actor, Role
from newsletter_app.identity.models import Staff, StaffSession
from newsletter_app.kernel.languages import as_language

Stage = Literal["password", "enrol", "full"]

ABSOLUTE: Final = timedelta(hours=12)
IDLE: Final = timedelta(hours=1)
# What lies between the password and the code.
HALF: Final = timedelta(minutes=10)
# How long a person need not prove again who they are (S23); a form that was open meanwhile is still taken.
FRESH: Final = timedelta(minutes=10)
FRESH_FORM: Final = timedelta(minutes=40)
AGENT_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A living session: whose, how far it got, and until when it counts as fresh."""

    session_id: int
    actor: Actor
    stage: Stage
    fresh_at: datetime

    def is_fresh(self, now: datetime, within: timedelta = FRESH) -> bool:
        """Tell whether the person proved within this time who they are."""
        return now - self.fresh_at <= within


def begin(session: Session, staff: Staff, stage: Stage, *, agent: str, now: datetime) -> str:
    """Begin a session and return its key, 256 random bits that are kept nowhere else (S20)."""
    key = secrets.token_urlsafe(32)
    life = ABSOLUTE if stage == "full" else HALF
    session.add(
        StaffSession(
            staff_id=staff.id, digest=_digest(key), stage=stage, agent=agent[:AGENT_LENGTH],
            created_at=now, fresh_at=now, until=now + life,
        )
    )  # fmt: skip
    session.flush()
    return key


def find(session: Session, key: str, now: datetime) -> SignedIn | None:
    """Return the session that ``key`` opens, or None: unknown, ended, too old, or its person was disabled."""
    row = session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.digest == _digest(key), StaffSession.until > now, Staff.state != "disabled")
    ).one_or_none()
    if row is None:
        return None
    found, staff = row
    return SignedIn(found.id, actor_of(staff), cast(Stage, found.stage), found.fresh_at)


def actor_of(staff: Staff) -> Actor:
    """Return this person as a value."""
    return Actor(staff.id, cast(Role, staff.role), staff.address, as_language(staff.language))


def of_staff(session: Session, staff_id: int, now: datetime) -> list[StaffSession]:
    """Return where this person is signed in, newest first."""
    mine = select(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.until > now, StaffSession.stage == "full"
    )
    return list(session.scalars(mine.order_by(StaffSession.id.desc())))


def end(session: Session, staff_id: int, session_id: int) -> None:
    """End one session of this person; another's is not touched."""
    session.execute(
        delete(StaffSession).where(StaffSession.id == session_id, StaffSession.staff_id == staff_id)
    )


def end_all(session: Session, staff_id: int, *, but: int | None = None) -> None:
    """End every session of this person, but the one that is spared."""
    mine = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    session.execute(mine.where(StaffSession.id != but) if but is not None else mine)


def refresh(session: Session, session_id: int, now: datetime) -> None:
    """Note that the person proved just now who they are."""
    found = session.get(StaffSession, session_id)
    if found is not None:
        found.fresh_at = now


def forget_ended(session: Session, now: datetime) -> None:
    """Remove the rows of sessions that are over."""
    session.execute(delete(StaffSession).where(StaffSession.until <= now))


def _digest(key: str) -> str:
    # The key is random, so a plain hash of it cannot be guessed back.
    return hashlib.sha256(key.encode()).hexdigest()
