"""PostgreSQL's planner, told that a claim is small: it cannot know, and what it guesses reads whole tables.

Statistics are as old as the last campaign, or none: of a new campaign's rows the planner expects one. It then
joins by walking through all of them, or through all readers, for each batch of 200.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

# Sorting is only put off: 200 rows are sorted where no index has them in order.
_PUT_OFF: Final = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_sort")
_BY_KEY: Final = select(*[func.set_config(name, "off", literal(True)) for name in _PUT_OFF])


def find_by_key(session: Session) -> None:
    """Have this transaction look rows up by their keys, one by one (PostgreSQL 15, 20.7.1); SQLite does."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_BY_KEY)
