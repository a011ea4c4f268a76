"""Which kinds of mail a person wants: all that concern them, less what they switched off."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter_app.staff_mail.models import StaffSilence
from newsletter_app.staff_mail.rules import offered


def silences(session: Session, staff_id: int) -> set[str]:
    """Return the kinds that a person switched off."""
    return set(session.scalars(select(StaffSilence.kind).where(StaffSilence.staff_id == staff_id)))


def choose(session: Session, staff_id: int, role: str, wanted: Collection[str]) -> None:
    """Keep exactly the ``wanted`` of the kinds that people of this role may choose among."""
    kinds = offered(role)
    session.execute(
        delete(StaffSilence).where(StaffSilence.staff_id == staff_id, StaffSilence.kind.in_(kinds))
    )
    session.add_all(StaffSilence(staff_id=staff_id, kind=kind) for kind in kinds if kind not in wanted)
    session.flush()
