"""Rings: jobs told to hurry after the outermost commit; a ring may be lost, the tick finds the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.kernel import outermost

_WAITING: Final = "rings_waiting"


@dataclass(frozen=True, slots=True)
class Ring:
    """A job's name with the ids it needs; nothing else ever travels through the broker."""

    job: str
    ids: tuple[int, ...] = ()


Ringer = Callable[[Ring], None]


def ring(session: Session, job: str, *ids: int) -> None:
    """Ask for ``job`` to run once the outermost transaction of ``session`` has committed."""
    outermost.collect(session, _WAITING, Ring(job, ids))


def attach(sessions: sessionmaker[Session] | type[Session], ringer: Ringer) -> None:
    """Make every session of ``sessions`` hand its rings to ``ringer`` after its outermost commit."""

    def dispatch(waiting: list[Ring]) -> None:
        for waiting_ring in waiting:
            ringer(waiting_ring)

    outermost.attach(sessions, _WAITING, dispatch)
