"""The connections of one process to one server, kept between hand-overs or being opened; sends nothing."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Final

from newsletter_app.mail.connection import Connection, Timeouts
from newsletter_app.mail.opening import Opened, OpeningFailed, Openings

GOODBYE_S: Final = 1.0  # How long all of them together are waited for when QUIT was said.


class Connections:
    """At most ``size`` connections; one that lies idle is taken into use again, or found dead then."""

    def __init__(self, open_one: Callable[[], Opened], size: int, limit: int, timeouts: Timeouts) -> None:
        """Open nothing yet; each connection will carry ``limit`` messages. ``open_one`` blocks."""
        self.selector = selectors.DefaultSelector()
        self.size = size
        self.timeouts = timeouts
        self.barren = 0
        """Connections in a row that ended with nothing decided."""
        self._open_one = open_one
        self._limit = limit
        self._idle: list[Connection] = []
        self._openings: Openings | None = None

    @property
    def outstanding(self) -> int:
        """How many connections are being opened."""
        return self._openings.outstanding if self._openings else 0

    def begin_opening(self) -> None:
        """Begin to open one more, in a thread."""
        if self._openings is None:
            self._openings = Openings(self._open_one, self.selector)
        self._openings.begin()

    def opened(self) -> Iterator[Connection | OpeningFailed]:
        """Yield what has come of the openings by now."""
        for result in self._openings.results() if self._openings else ():
            if isinstance(result, Opened):
                yield Connection(result, self._limit, self.timeouts)
            else:
                yield result

    def revive(self) -> list[Connection]:
        """Return the kept connections that live, with those that opened too late for the last hand-over."""
        kept, self._idle = self._idle, []
        kept += (result for result in self.opened() if isinstance(result, Connection))
        alive = []
        for connection in kept:
            if connection.revive():
                alive.append(connection)
            else:
                connection.close(self.selector)
        return alive

    def keep(self, connection: Connection) -> None:
        """Keep a connection that lies between two messages."""
        self._idle.append(connection)

    def close(self) -> None:
        """Say QUIT on every kept connection and close it; what is still being opened is closed then."""
        if self._openings:
            self._openings.abandon()
            self._openings = None
        leaving, self._idle = self._idle, []
        for connection in leaving:
            connection.say_goodbye()
        until = monotonic() + GOODBYE_S
        for connection in leaving:
            connection.hear_goodbye(max(0.0, until - monotonic()))
            connection.close(self.selector)
