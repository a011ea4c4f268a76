"""One call of ``SmtpTransport.hand_over``: which connection takes which parcel, and when to look at what.

What its callers can rely on stands in ``smtp``.
"""

from __future__ import annotations

import selectors
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Final

from newsletter_app.mail.connection import Connection
from newsletter_app.mail.dialogue import Decided
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.opening import Trouble
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Outcome, Parcel, Result

if TYPE_CHECKING:
    from newsletter_app.mail.smtp import SmtpTransport

_GLANCE: Final = 0.1  # Seconds between looks at ``stop`` and at the clock while nothing arrives.
_BARREN: Final = 3  # Connections in a row that ended before anything was decided.
_JUDGED: Final = (Result.accepted, Result.refused, Result.deferred)


class HandOver:
    """One call of ``hand_over``: which connection takes which parcel, and when to look at what."""

    def __init__(
        self, transport: SmtpTransport, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> None:
        self._transport = transport
        self._kept = transport.connections
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
        """Yield the outcome of each parcel pulled, until all are decided and nothing more is to be pulled."""
        self._transport.trouble = self._transport.trouble_reply = None
        try:
            self._heard = self._kept.revive()
            self._open += self._heard
            self._look_at_stop()
            while True:
                self._serve()
                # While the caller records these, the server has its next messages.
                yield from self._take_outcomes()
                if not self._unfinished():
                    return
                ready = self._kept.selector.select(_GLANCE)
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
        if len(self._open) < self._kept.size:
            self._open_more()

    def _give_next(self, connection: Connection) -> None:
        """Give a connection its next parcel; what its server could not take is decided without a word."""
        while parcel := self._waiting.popleft() if self._waiting else self._pull():
            refused = connection.dialogue.take(parcel)
            if not refused:
                return
            self._decide(connection, [refused])

    def _open_more(self) -> None:
        outstanding = self._kept.outstanding
        while len(self._open) + outstanding < self._kept.size and self._may_open(outstanding):
            # A waiting parcel has its opening already, unless its connection was lost.
            if len(self._waiting) <= outstanding:
                parcel = self._pull()
                if parcel is None:
                    return
                self._waiting.append(parcel)
            self._kept.begin_opening()
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
            connection.watch(self._kept.selector)
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
        for result in self._kept.opened():
            if isinstance(result, Connection):
                self._open.append(result)
                self._heard.append(result)
            else:
                self._crowded = True
                if not self._open and not self._kept.outstanding:
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
            connection.close(self._kept.selector)
            self._open.remove(connection)
            if not connection.proven:
                self._waiting.extendleft(one.parcel for one in decided)  # It died while it lay idle.
                return
        if self._kept.barren or not connection.fruitful:
            decided = self._weigh(connection, decided)
        self._decided += decided

    def _weigh(self, connection: Connection, decided: Sequence[Decided]) -> Sequence[Decided]:
        """See to it that a server that keeps closing with nothing decided is not tried for ever."""
        if any(one.is_fruit for one in decided):
            connection.fruitful = True
            self._kept.barren = 0
        elif connection.dialogue.closing and not connection.fruitful and self._stopped_at is None:
            return self._count_barren(decided)
        return decided

    def _count_barren(self, decided: Sequence[Decided]) -> Sequence[Decided]:
        self._kept.barren += 1
        if self._kept.barren < _BARREN:
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
        if monotonic() - self._stopped_at > self._kept.timeouts.grace:
            for connection in [one for one in self._open if one.dialogue.busy]:
                self._decide(connection, connection.dialogue.give_up())

    def _end(self) -> None:
        """Keep the connections that lie between two messages, close the others; note what was still said."""
        for connection in self._open:
            if connection.dialogue.expecting:
                connection.close(self._kept.selector)
            else:
                self._kept.keep(connection)
        self._note()
