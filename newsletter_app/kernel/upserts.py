"""INSERT with ON CONFLICT on both databases: spelt alike, but kept apart in SQLAlchemy."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Upsert = postgresql.Insert | sqlite.Insert


def insert(session: Session, table: Any) -> Upsert:
    """Return an INSERT into a mapped class or table that knows ``on_conflict_…``."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
