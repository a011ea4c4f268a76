"""The unit of work: one short transaction, handed to long loops so that a room never commits itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.orm import Session, sessionmaker

UnitOfWork = Callable[[], AbstractContextManager[Session]]


def unit_of_work_from(sessions: sessionmaker[Session]) -> UnitOfWork:
    """Return a factory of transactions: committed at the end of the block, rolled back on an error."""

    @contextmanager
    def unit_of_work() -> Iterator[Session]:
        with sessions.begin() as session:
            yield session

    return unit_of_work
