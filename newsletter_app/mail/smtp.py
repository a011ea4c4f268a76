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
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from time import monotonic
from typing import Final

from newsletter_app.kernel.clock import Clock
from newsletter_app.mail.connection import Connection, Timeouts
from newsletter_app.mail.dialogue import MESSAGES_PER_CONNECTION, Decided
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.opening import Opened, SmtpServer, Trouble, open_server
from newsletter_app.mail.pool import Pool
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import NOBODY, Outcome, Parcel, Result

__all__ = ["SmtpServer", "SmtpTransport", "Timeouts", "Trouble"]

_GLANCE: Final = 0.1  # Seconds between looks at ``stop`` and at the clock while nothing arrives.
_BARREN: Final = 3  # Connections in a row that ended before anything was decided.
_JUDGED: Final = (Result.accepted, Result.refused, Result.deferred)


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
        self.pool = Pool(self._open, connections, messages_per_connection, timeouts or Timeouts())
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

    def close(self) -> None:
        """Say QUIT on every kept connection and close it; what is still being opened is closed then."""
        self.pool.close()

    def _open(self) -> Opened:
        return open_server(self.server, self._ehlo_name, self.pool.timeouts.connect, self._tls_context)


class _HandOver:
    """One call of ``hand_over``: which connection takes which parcel, and when to look at what."""

    def __init__(
        self, transport: SmtpTransport, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> None:
        self._transport = transport
        self._pool = transport.pool
        self._server = str(transport.server)
        self._source = iter(parcels)
        self._journal = journal
        self._stop = stop
        self._stopped_at: float | None = None
        self._looked_at = monotonic()
        self._dry = False  # Nothing more is pulled.
        self._waiting: deque[Parcel] = deque()  # Pulled for a connection that is being opened.
        self._open: list[Connection] = []
        self._heard: list[Connection] = []  # Those that may have something new to do.
        self._crowded = False  # The server takes no further connection beside those that stand.
        self._decided: list[Decided] = []
        self._outcomes: list[Outcome] = []

    def run(self) -> Iterator[Outcome]:
        self._transport.trouble = self._transport.trouble_reply = None
        try:
            self._heard = self._pool.revive()
            self._open += self._heard
            self._look_at_stop()
            while True:
                self._serve()
                # While the caller records these, the server has its next messages.
                yield from self._take_outcomes()
                if not self._unfinished():
                    return
                ready = self._pool.selector.select(_GLANCE)
                self._look_at_stop()
                self._hear(ready)
        finally:
            self._end()

    def _take_outcomes(self) -> list[Outcome]:
        if self._decided:
            self._note()
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def _unfinished(self) -> bool:
        # Else a connection may be being opened, or says goodbye to make room.
        return not self._dry or bool(self._waiting) or any(one.dialogue.busy for one in self._open)

    # Serving parcels to connections

    def _serve(self) -> None:
        """Give every connection that is ready its next parcel, send, and open further ones."""
        heard, self._heard = self._heard, []
        for connection in list(self._open) if self._waiting else heard:
            if connection.dialogue.ready:
                self._give_next(connection)
            self._flush(connection)
        if len(self._open) < self._pool.size:
            self._open_more()

    def _give_next(self, connection: Connection) -> None:
        """Give a connection its next parcel; what its server could not take is decided without a word."""
        while parcel := self._waiting.popleft() if self._waiting else self._pull():
            refused = connection.dialogue.take(parcel)
            if not refused:
                return
            self._decide(connection, [refused])

    def _open_more(self) -> None:
        outstanding = self._pool.outstanding
        while len(self._open) + outstanding < self._pool.size and self._may_open(outstanding):
            # A waiting parcel has its opening already, unless its connection was lost.
            if len(self._waiting) <= outstanding:
                parcel = self._pull()
                if parcel is None:
                    return
                self._waiting.append(parcel)
            self._pool.begin_opening()
            outstanding += 1

    def _may_open(self, outstanding: int) -> bool:
        return self._stopped_at is None and not (self._crowded and (self._open or outstanding))

    def _pull(self) -> Parcel | None:
        parcel = None if self._dry else next(self._source, None)
        self._dry = parcel is None
        return parcel

    def _flush(self, connection: Connection) -> None:
        if connection.dialogue.closing:
            return
        if connection.flush(self._journal):
            connection.watch(self._pool.selector)
        else:
            self._decide(connection, connection.last_words())

    # Hearing from connections

    def _hear(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        for key, events in ready:
            connection = key.fileobj
            if not isinstance(connection, Connection):
                self._adopt()
                continue
            self._heard.append(connection)
            if events & selectors.EVENT_READ:
                self._decide(connection, connection.read())
        now = monotonic()
        if now - self._looked_at >= _GLANCE:
            self._look_at_clock(now)
        if self._decided:
            # At once: the next parcel may be long in coming.
            self._note()

    def _adopt(self) -> None:
        for result in self._pool.opened():
            if isinstance(result, Connection):
                self._open.append(result)
                self._heard.append(result)
            else:
                self._crowded = True
                if not self._open and not self._pool.outstanding:
                    self._give_in(result.trouble, result.reply)

    def _look_at_clock(self, now: float) -> None:
        self._looked_at = now
        for connection in list(self._open):
            if connection.overdue(now):
                self._decide(connection, connection.dialogue.lost())

    def _give_in(self, trouble: Trouble, reply: Reply | None) -> None:
        """No mail can be handed over: pull nothing more and put off what is in hand."""
        self._dry = True
        self._transport.trouble, self._transport.trouble_reply = trouble, reply
        self._put_back(self._transport.when_shut, reply)

    def _put_back(self, result: Result, reply: Reply | None = None) -> None:
        while self._waiting:
            self._decided.append(Decided(self._waiting.popleft(), result, reply))

    def _decide(self, connection: Connection, decided: Sequence[Decided]) -> None:
        if connection.dialogue.closing:
            connection.close(self._pool.selector)
            self._open.remove(connection)
            if not connection.proven:
                self._waiting.extendleft(one.parcel for one in decided)  # It died while it lay idle.
                return
        if self._pool.barren or not connection.fruitful:
            decided = self._weigh(connection, decided)
        self._decided += decided

    def _weigh(self, connection: Connection, decided: Sequence[Decided]) -> Sequence[Decided]:
        """See to it that a server that keeps closing with nothing decided is not tried for ever."""
        if any(one.is_fruit for one in decided):
            connection.fruitful = True
            self._pool.barren = 0
        elif connection.dialogue.closing and not connection.fruitful and self._stopped_at is None:
            return self._count_barren(decided)
        return decided

    def _count_barren(self, decided: Sequence[Decided]) -> Sequence[Decided]:
        self._pool.barren += 1
        if self._pool.barren < _BARREN:
            return decided
        replies = [one.reply for one in decided if one.reply]
        self._give_in(Trouble.keeps_closing, replies[0] if replies else None)
        return [Decided(one.parcel, self._transport.when_shut, one.reply) for one in decided]

    def _note(self) -> None:
        """Journal what the server said, then make outcomes of what is decided."""
        decided, self._decided = self._decided, []
        said = [
            (parcel.key, parcel.claim_no, reply)
            for parcel, result, reply in decided
            if reply and result in _JUDGED
        ]
        if said:
            self._journal.replied_all(said)
        server, at = self._server, self._transport.clock()
        self._outcomes += [
            Outcome(parcel.key, parcel.claim_no, result, reply, server, at)
            for parcel, result, reply in decided
        ]

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
        if monotonic() - self._stopped_at > self._pool.timeouts.grace:
            for connection in [one for one in self._open if one.dialogue.busy]:
                self._decide(connection, connection.dialogue.give_up())

    def _end(self) -> None:
        """Keep the connections that lie between two messages, close the others; note what was still said."""
        for connection in self._open:
            if connection.dialogue.expecting:
                connection.close(self._pool.selector)
            else:
                self._pool.keep(connection)
        self._note()
