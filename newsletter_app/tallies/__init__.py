"""Tallies: counts of so many rows that no page could wait for them, made beforehand; they decide nothing.

While there are few rows their owners count them at once, and no tally is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.upserts import insert
from newsletter_app.tallies.models import Tally

__all__ = ["FEW", "Tally", "find", "forget", "is_due", "keep", "many"]

# So many rows are counted in some ten milliseconds.
FEW: Final = 20_000
# Counting may take a twentieth of one connection's time.
REST: Final = 20


def find(session: Session, name: str) -> Tally | None:
    """Return the tally of this name, or None where the rows are few."""
    return session.get(Tally, name)


def many(session: Session, rows: Select[Any], few: int | None = None) -> bool:
    """Tell whether ``rows`` are too many to be counted while somebody waits: more than ``few`` (``FEW``)."""
    most = FEW if few is None else few
    some = rows.limit(most + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > most


def is_due(tally: Tally | None, now: datetime, every: timedelta) -> bool:
    """Tell whether to count again: after ``every``, and not before what the counting costs was rested."""
    if tally is None:
        return True
    return now - tally.counted_at >= max(every, REST * timedelta(milliseconds=tally.took_ms))


def keep(
    session: Session,
    name: str,
    count: Callable[[], Mapping[str, Any]],
    now: datetime,
    elapsed: Callable[[], float],
) -> None:
    """Count, and write down what was found and how long it took by ``elapsed`` (seconds that only rise)."""
    began = elapsed()
    facts = dict(count())
    row = {"facts": facts, "counted_at": now, "took_ms": round((elapsed() - began) * 1000)}
    statement = insert(session, Tally).values(name=name, **row)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


def forget(session: Session, name: str) -> None:
    """Forget what was counted: something changed that nobody is to wait for."""
    session.execute(delete(Tally).where(Tally.name == name))
