"""Heartbeats: when a named part of the engine last showed that it lives; it judges nobody late."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger.models import Heartbeat


def beat(session: Session, name: str, now: datetime) -> None:
    """Note that ``name`` ("service_tick", "bulk_tick") lives at ``now``."""
    row = insert(session, Heartbeat).values(name=name, at=now)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def last_beat(session: Session, name: str) -> datetime | None:
    """Return when ``name`` last showed that it lives."""
    found = session.get(Heartbeat, name)
    return found.at if found else None
