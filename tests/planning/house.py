"""The product as the simulation runs it: a real database, the real tick, and a clock that the run moves.

Every room takes ``now``. A worker alone asks the database what time it is, to agree with other machines;
this one has the run's clock instead, on PostgreSQL, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from newsletter_app import organisation
from newsletter_app.kernel import rings
from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.rings import Ring
from newsletter_app.kernel.unit_of_work import UnitOfWork, unit_of_work_from
from newsletter_app.ledger import open_sender
from newsletter_app.media import DiskShelf
from newsletter_app.notices import Notice
from newsletter_app.ports import Ports
from tests.factories.content import make_notice, make_organisation
from tests.factories.engine import Hands
from tests.planning.reader_life import ORGANISATION_ZONE
from workers.base import Process
from workers.ticks import bulk_tick

HOURS_S = 3 * 3600


class Worker(Process):
    """A worker process that knows the run's time and no other."""

    def clock(self) -> Clock:
        """Return the run's clock."""
        return self.ports.clock


class House:
    """The organisation with its notices, one worker, and the rings that wait for it."""

    def __init__(self, engine: Engine, folder: Path, begin: datetime, notices: int) -> None:
        """Found the organisation with so many notices at ``begin``; nobody reads them yet."""
        self.clock = Hands(begin)
        self.rung: deque[Ring] = deque()
        sessions = sessionmaker(engine, expire_on_commit=False)
        rings.attach(sessions, self.rung.append)
        self._begin: UnitOfWork = unit_of_work_from(sessions)
        self._open: Session | None = None
        settings = Settings.from_env({"DATA_DIR": str(folder)}, read_dotenv=False)
        links = Links("https://news.example.org", [b"link key of the tests, 32 octets"])
        shelf = DiskShelf(folder / "media")
        ports = Ports(settings, links, self.clock, engine, sessions, self._begin, self.rung.append, shelf)
        self.worker = Worker(ports, "mail-1")
        # Nobody looks at the figures: to seem to take hours, they are counted once in some days.
        self.worker.elapsed = count(0, HOURS_S).__next__
        with self.unit_of_work() as session:
            make_organisation(session)
            organisation.set_facts(session, time_zone=ORGANISATION_ZONE)
            self.notices = [
                self._notice(session, "tips" if place == 0 else f"notice-{place}") for place in range(notices)
            ]
            self.sender = open_sender(session, "bulk", "mail-1", "boot", 1, begin).id

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Give a transaction: the one that is open for many acts, or one of its own."""
        if self._open is not None:
            yield self._open
            self._open.flush()
            return
        with self._begin() as session:
            yield session

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Put all acts of the block into one transaction: a disk waits longer than they do."""
        with self._begin() as self._open:
            try:
                yield
            finally:
                self._open.expunge_all()
                self._open = None

    def tick(self) -> None:
        """Let the tick pass, as beat asks for it every two seconds."""
        bulk_tick(self.worker)

    def _notice(self, session: Session, key: str) -> int:
        notice: Notice = make_notice(session, self.now, key)
        session.flush()
        return notice.id
