"""Handing parcels to one SMTP server over several pipelined connections; it records nothing but the journal.

What a caller can rely on beyond the protocol of ``transport``:

- A parcel is pulled only when a connection can begin it, or when one is being opened for it; so never more
  than two are undecided per connection (one awaiting the reply to its final dot, one behind it).
- When no connection can be opened, or the server closes one after the other without answering anything, the
  few parcels in hand are *deferred* (one attempt and a growing pause, so that a caller that looks no
  further does not spin) or what ``when_shut`` says, nothing more is pulled, and ``trouble`` says why.
  Everything claimed and not pulled is as it was. As long as one connection stands, a further one that
  cannot be opened costs nothing.
- A message whose connection ends with 421 or out of step is *unsent*, but not for ever: when three
  connections in a row, over several calls if need be, ended with nothing decided, that is trouble
  (``keeps_closing``) and the messages of the third are *deferred*.
- Connections are kept between hand-overs. One that died while it lay idle costs no attempt: its parcel goes
  over the next connection, since nothing of it can have been taken.
- Once ``stop()`` is true no body is begun; replies to final dots are awaited for ``Timeouts.grace``
  seconds.
- Closing the iterator early closes the connections that have undecided parcels; the journal then knows
  their fate.
"""

from __future__ import annotations

import selectors
import ssl
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from time import monotonic
from typing import Final

from newsletter_app.kernel.clock import Clock
from newsletter_app.mail.connection import Connection, Timeouts
from newsletter_app.mail.dialogue import MESSAGES_PER_CONNECTION, Decided
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.opening import Opened, OpeningFailed, Openings, SmtpServer, Trouble, open_server
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import NOBODY, Outcome, Parcel, Result

__all__ = ["SmtpServer", "SmtpTransport", "Timeouts", "Trouble"]

_GLANCE: Final = 0.1  # Seconds between looks at ``stop`` and at the clock while nothing arrives.
_BARREN: Final = 3  # Connections in a row that ended before anything was decided.


class SmtpTransport:
    """The way out through one smarthost (see ``transport.Transport``), for one process and one thread."""

    def __init__(
        self,
        server: SmtpServer,
        ehlo_name: str,
        clock: Clock,
        connections: int = 1,
        timeouts: Timeouts | None = None,
        *,
        messages_per_connection: int = MESSAGES_PER_CONNECTION,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; nothing is opened before the first parcel. No ``tls_context``: the system's CAs."""
        self.server = server
        self.trouble: Trouble | None = None
        self.trouble_reply: Reply | None = None
        self.when_shut = Result.deferred  # What becomes of parcels in hand when no connection can be opened.
        self.clock = clock
        self.connections = connections
        self.timeouts = timeouts or Timeouts()
        self.limit = messages_per_connection
        self.idle: list[Connection] = []
        self.openings: Openings | None = None
        self.barren = 0  # Connections in a row that ended with nothing decided.
        self.selector = selectors.DefaultSelector()
        self._ehlo_name = ehlo_name
        self._tls_context = tls_context or ssl.create_default_context()

    def next_server(self, shunned: Collection[str] = NOBODY) -> str | None:
        """Return the one server, unless it is shunned."""
        return None if str(self.server) in shunned else str(self.server)

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Yield the outcome of each parcel pulled; see the module's text for what is not pulled."""
        return _HandOver(self, parcels, journal, stop).run()

    def open(self) -> Opened:
        """Open one more connection; blocks. Raises OpeningFailed."""
        return open_server(self.server, self._ehlo_name, self.timeouts.connect, self._tls_context)

    def close(self) -> None:
        """Say QUIT on every kept connection and close it; what is still being opened is closed then."""
        if self.openings:
            self.openings.abandon()
            self.openings = None
        while self.idle:
            self.idle.pop().say_goodbye(self.selector)


class _HandOver:
    """One call of ``hand_over``: which connection takes which parcel, and when to look at what."""

    def __init__(
        self, transport: SmtpTransport, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> None:
        self._transport = transport
        self._timeouts = transport.timeouts
        self._source = iter(parcels)
        self._journal = journal
        self._stop = stop
        self._stopped_at: float | None = None
        self._dry = False  # Nothing more is pulled.
        self._waiting: deque[Parcel] = deque()  # Pulled for a connection that is being opened.
        self._open: list[Connection] = []
        self._crowded = False  # The server takes no further connection beside those that stand.
        self._outcomes: list[Outcome] = []

    def run(self) -> Iterator[Outcome]:
        self._transport.trouble = self._transport.trouble_reply = None
        try:
            self._revive()
            while True:
                self._look_at_stop()
                self._serve()
                yield from self._take_outcomes()
                if not self._unfinished():
                    return
                self._wait()
                yield from self._take_outcomes()
        finally:
            self._end()

    def _take_outcomes(self) -> list[Outcome]:
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def _unfinished(self) -> bool:
        if self._waiting or any(connection.dialogue.busy for connection in self._open):
            return True
        return not self._dry  # A connection is being opened, or says goodbye to make room.

    def _revive(self) -> None:
        """Take the kept connections into use, with those that opened too late for the last hand-over."""
        kept, self._transport.idle = self._transport.idle, []
        for result in self._opened():
            if isinstance(result, Opened):
                kept.append(Connection(result, self._transport.limit, self._timeouts))
        for connection in kept:
            if connection.revive():
                self._open.append(connection)
            else:
                connection.close(self._transport.selector)

    # Serving parcels to connections

    def _serve(self) -> None:
        """Give every connection that is ready its next parcel, open further ones, and send."""
        for connection in list(self._open):
            while connection.dialogue.ready and (parcel := self._next()):
                self._decide(connection, _some(connection.dialogue.take(parcel)))
            self._flush(connection)
        outstanding = self._outstanding()
        while len(self._open) + outstanding < self._transport.connections and self._may_open(outstanding):
            # A waiting parcel has its opening already, unless its connection was lost.
            if len(self._waiting) <= outstanding and not self._pull():
                return
            self._begin_opening()
            outstanding += 1

    def _may_open(self, outstanding: int) -> bool:
        return self._stopped_at is None and not (self._crowded and (self._open or outstanding))

    def _begin_opening(self) -> None:
        transport = self._transport
        if transport.openings is None:
            transport.openings = Openings(transport.open, transport.selector)
        transport.openings.begin()

    def _outstanding(self) -> int:
        return self._transport.openings.outstanding if self._transport.openings else 0

    def _opened(self) -> Iterator[Opened | OpeningFailed]:
        return self._transport.openings.results() if self._transport.openings else iter(())

    def _next(self) -> Parcel | None:
        if not self._waiting:
            self._pull()
        return self._waiting.popleft() if self._waiting else None

    def _pull(self) -> bool:
        """Pull one parcel into ``_waiting``; False when there is none to be had."""
        if self._dry:
            return False
        try:
            self._waiting.append(next(self._source))
        except StopIteration:
            self._dry = True
        return not self._dry

    # Hearing from connections

    def _wait(self) -> None:
        for key, events in self._transport.selector.select(_GLANCE):
            if isinstance(key.fileobj, Connection) and events & selectors.EVENT_READ:
                self._decide(key.fileobj, key.fileobj.read())
        self._adopt()
        now = monotonic()
        for connection in list(self._open):
            if connection.overdue(now):
                self._decide(connection, connection.dialogue.lost())

    def _adopt(self) -> None:
        for result in self._opened():
            if isinstance(result, Opened):
                self._open.append(Connection(result, self._transport.limit, self._timeouts))
            else:
                self._crowded = True
                if not self._open and not self._outstanding():
                    self._give_in(result.trouble, result.reply)

    def _give_in(self, trouble: Trouble, reply: Reply | None) -> None:
        """No mail can be handed over: pull nothing more and put off what is in hand."""
        self._dry = True
        self._transport.trouble, self._transport.trouble_reply = trouble, reply
        self._put_back(self._transport.when_shut, reply)

    def _put_back(self, result: Result, reply: Reply | None = None) -> None:
        while self._waiting:
            self._note(Decided(self._waiting.popleft(), result, reply))

    def _flush(self, connection: Connection) -> None:
        if not connection.dialogue.closing and not connection.flush(self._journal):
            self._decide(connection, connection.last_words())
        if not connection.dialogue.closing:
            connection.watch(self._transport.selector)

    def _decide(self, connection: Connection, decided: list[Decided]) -> None:
        if connection.dialogue.closing:
            connection.close(self._transport.selector)
            self._open.remove(connection)
            if not connection.proven:
                self._waiting.extendleft(one.parcel for one in decided)  # It died while it lay idle.
                return
        if any(_is_fruit(one) for one in decided):
            connection.fruitful = True
            self._transport.barren = 0
        elif connection.dialogue.closing and not connection.fruitful and self._stopped_at is None:
            decided = self._count_barren(decided)
        for one in decided:
            self._note(one)

    def _count_barren(self, decided: list[Decided]) -> list[Decided]:
        self._transport.barren += 1
        if self._transport.barren < _BARREN:
            return decided
        replies = [one.reply for one in decided if one.reply]
        self._give_in(Trouble.keeps_closing, replies[0] if replies else None)
        return [Decided(one.parcel, self._transport.when_shut, one.reply) for one in decided]

    def _note(self, decided: Decided) -> None:
        parcel, result, reply = decided.parcel, decided.result, decided.reply
        if reply and result in (Result.accepted, Result.refused, Result.deferred):
            self._journal.replied(parcel.key, parcel.claim_no, reply)
        server, at = str(self._transport.server), self._transport.clock()
        self._outcomes.append(Outcome(parcel.key, parcel.claim_no, result, reply, server, at))

    # Ending

    def _look_at_stop(self) -> None:
        if self._stopped_at is None and self._stop():
            self._stopped_at = monotonic()
            self._dry = True
            for connection in self._open:
                connection.dialogue.hold()
        if self._stopped_at is None:
            return
        self._put_back(Result.unsent)
        if monotonic() - self._stopped_at > self._timeouts.grace:
            for connection in [one for one in self._open if one.dialogue.busy]:
                self._decide(connection, connection.dialogue.give_up())

    def _end(self) -> None:
        """Keep the connections that lie between two messages, close the others."""
        for connection in self._open:
            if connection.dialogue.expecting:
                connection.close(self._transport.selector)
            else:
                self._transport.idle.append(connection)


def _is_fruit(one: Decided) -> bool:
    """Whether the server did something with the message, rather than only end the connection."""
    return one.result is Result.uncertain or (one.result is not Result.unsent and one.reply is not None)


def _some(decided: Decided | None) -> list[Decided]:
    return [] if decided is None else [decided]
