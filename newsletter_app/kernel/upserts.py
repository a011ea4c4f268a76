"""INSERT with ON CONFLICT on both databases, whose dialects spell it alike but keep it apart in SQLAlchemy."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Upsert = postgresql.Insert | sqlite.Insert


def insert(session: Session, table: Any) -> Upsert:
    """Return an INSERT into a mapped class or table that knows ``on_conflict_do_nothing`` and ``…_do_update``."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
