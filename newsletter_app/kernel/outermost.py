"""What follows an outermost commit, and only that: collected in the session, delivered when all is durable.

An ``after_commit`` hook would fire at a savepoint's release and lose what was collected at its rollback, so
the end of the outermost transaction decides.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker


def collect(session: Session, name: str, item: Hashable) -> None:
    """Keep ``item`` under ``name``, once, until the outermost transaction of ``session`` ends."""
    waiting: dict[Hashable, None] = session.info.setdefault(name, {})
    waiting[item] = None


def attach(
    sessions: sessionmaker[Session] | type[Session], name: str, deliver: Callable[[list[Any]], None]
) -> None:
    """Make every session hand what was collected under ``name`` to ``deliver``, if it was committed."""
    committed = f"{name}_committed"

    @event.listens_for(sessions, "after_commit")
    def _note(session: Session) -> None:
        transaction = session.get_transaction()
        if transaction is None or transaction.parent is None:
            session.info[committed] = True

    @event.listens_for(sessions, "after_transaction_end")
    def _deliver(session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is not None:
            return
        waiting = session.info.pop(name, {})
        if session.info.pop(committed, False) and waiting:
            deliver(list(waiting))
