"""The engine's lock: while one stands nothing is claimed; machines set it, only a person lifts it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger.models import SendingLock

RESTORED: Final = "restored"
WENT_BACK: Final = "database-went-back"
MARKER: Final = "restored"

# Asked before each claim, so that it is built once.
_ANY: Final = select(SendingLock.reason).limit(1)


def lock_sending(session: Session, reason: str, details: str, now: datetime) -> None:
    """Stop every claim from now on; a second lock for the same reason changes nothing."""
    row = {"reason": reason, "details": details[:500], "created_at": now}
    session.execute(insert(session, SendingLock).values(row).on_conflict_do_nothing())


def unlock(session: Session) -> int:
    """Lift every lock; return how many there were."""
    return len(session.scalars(delete(SendingLock).returning(SendingLock.reason)).all())


def locks(session: Session) -> list[SendingLock]:
    """Return the locks that stand, oldest first."""
    return list(session.scalars(select(SendingLock).order_by(SendingLock.created_at, SendingLock.reason)))


def is_locked(session: Session) -> bool:
    """Tell whether anything forbids to claim."""
    return session.connection().scalar(_ANY) is not None


def note_restored(session: Session, data_dir: Path, now: datetime) -> bool:
    """Lock sending if a restore left its marker in ``data_dir``; return whether it did.

    The marker stays until a person unlocks: a restored backup does not know whom it mailed since.
    """
    if not (data_dir / MARKER).exists():
        return False
    lock_sending(session, RESTORED, "", now)
    return True


def forget_restored(data_dir: Path) -> None:
    """Remove the marker of a restore, once a person has unlocked sending."""
    (data_dir / MARKER).unlink(missing_ok=True)
