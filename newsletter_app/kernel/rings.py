"""Rings: jobs told to hurry after the outermost commit; a ring may be lost, the tick finds the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

_WAITING = "rings_waiting"
_COMMITTED = "rings_committed"


@dataclass(frozen=True, slots=True)
class Ring:
    """A job's name with the ids it needs; nothing else ever travels through the broker."""

    job: str
    ids: tuple[int, ...] = ()


Ringer = Callable[[Ring], None]


def ring(session: Session, job: str, *ids: int) -> None:
    """Ask for ``job`` to run once the outermost transaction of ``session`` has committed."""
    waiting: dict[Ring, None] = session.info.setdefault(_WAITING, {})
    waiting[Ring(job, ids)] = None


def attach(sessions: sessionmaker[Session] | type[Session], ringer: Ringer) -> None:
    """Make every session of ``sessions`` hand its rings to ``ringer`` after its outermost commit.

    An ``after_commit`` hook would fire at a savepoint's release and lose rings at its rollback,
    so the end of the outermost transaction decides.
    """

    @event.listens_for(sessions, "after_commit")
    def _note(session: Session) -> None:
        transaction = session.get_transaction()
        if transaction is None or transaction.parent is None:
            session.info[_COMMITTED] = True

    @event.listens_for(sessions, "after_transaction_end")
    def _dispatch(session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is not None:
            return
        waiting = session.info.pop(_WAITING, {})
        if session.info.pop(_COMMITTED, False):
            for waiting_ring in waiting:
                ringer(waiting_ring)
