"""Ports: what a face needs to work (settings, links, clock, transactions, rings); Flask-free."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from newsletter_app.kernel import departures, rings
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.clock import Clock, utc_now
from newsletter_app.kernel.departures import Departures
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.rings import Ringer
from newsletter_app.kernel.unit_of_work import UnitOfWork, unit_of_work_from
from newsletter_app.media import Shelf, open_shelf


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside as one value; a process opens it once."""

    settings: Settings
    links: Links
    clock: Clock
    engine: Engine
    sessions: sessionmaker[Session]
    unit_of_work: UnitOfWork
    ringer: Ringer
    shelf: Shelf

    @property
    def departures(self) -> Departures:
        """This machine's files of who left, beside its journals."""
        return departures_of(self.settings)


def open_ports(settings: Settings, ringer: Ringer, *, clock: Clock = utc_now) -> Ports:
    """Return the ports for ``settings``; ``ringer`` hears the rings after each outermost commit."""
    engine = make_engine(settings.database_url)
    sessions = sessionmaker(engine, expire_on_commit=False)
    rings.attach(sessions, ringer)
    departures.attach(sessions, departures_of(settings).write)
    links = Links(settings.public_url, settings.link_keys)
    shelf = open_shelf(settings.bucket, settings.data_dir / "media")
    return Ports(settings, links, clock, engine, sessions, unit_of_work_from(sessions), ringer, shelf)


def departures_of(settings: Settings) -> Departures:
    """Return the files in which this machine tells of who left."""
    return Departures(settings.data_dir, socket.gethostname())
