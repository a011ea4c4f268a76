"""One open connection: a socket, its dialogue and its clock; it never blocks and decides nothing."""

from __future__ import annotations

import selectors
import ssl
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final

from newsletter_app.mail.dialogue import Decided, Dialogue
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.opening import Opened
from newsletter_app.mail.outgoing import Outgoing
from newsletter_app.mail.replies import Stage

MOST_AT_ONCE: Final = 128 * 1024  # Octets per write: a usual message leaves whole, its dot in the same write.
_READ_AND_WRITE: Final = selectors.EVENT_READ | selectors.EVENT_WRITE
MOST_READ: Final = 8 * 1024  # Replies are short; room for more would be made anew at every read.


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds (RFC 5321 4.5.3.2); ``grace`` for outstanding replies once told
    to stop.
    """

    connect: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    quit: float = 5
    grace: float = 8

    def after(self, stage: Stage | None) -> float:
        """Return how long the answer to this stage may take."""
        if stage is Stage.dot:
            return self.dot
        if stage is Stage.quit:
            return self.quit
        return self.data if stage is Stage.data else self.command


class Connection:
    """A socket after EHLO and the dialogue held on it."""

    def __init__(self, opened: Opened, limit: int, timeouts: Timeouts) -> None:
        """Take over an opened, non-blocking socket."""
        self.dialogue = Dialogue(opened.offers, limit)
        # A kept connection may have died while it lay idle; it is proven by the first reply of a hand-over.
        self.proven_at = 0
        self.fruitful = False  # Whether any message was decided on it.
        self._sock = opened.sock
        self._tls = opened.sock if isinstance(opened.sock, ssl.SSLSocket) else None
        self._timeouts = timeouts
        self._since = monotonic()
        self._is_blocked = False  # Something is left to send.
        self._events = 0

    def fileno(self) -> int:
        """Return the socket's descriptor, so that a selector takes the connection itself."""
        return self._sock.fileno()

    @property
    def proven(self) -> bool:
        """Whether the server answered anything since the connection was last taken into use."""
        return self.dialogue.answered >= self.proven_at

    def revive(self) -> bool:
        """Take an idle connection into use again; False when its server has ended it meanwhile."""
        self._since = monotonic()
        self.proven_at = self.dialogue.answered + 1
        self.dialogue.hold(False)
        try:
            self._sock.recv(MOST_READ)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False  # Closed, or a 421 nobody asked for.

    def flush(self, journal: Journal) -> bool:
        """Send what the socket takes, each final dot journalled first; False: the connection is dead."""
        outgoing = self.dialogue.outgoing
        self._is_blocked = False
        while outgoing.size:
            if parcel := self.dialogue.handing_over(min(outgoing.size, MOST_AT_ONCE)):
                journal.handing_over(parcel.key, parcel.claim_no)
            try:
                outgoing.sent(self._send(outgoing))
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._is_blocked = True
                return True
            except OSError:
                return False
            self._since = monotonic()
        return True

    def read(self) -> list[Decided]:
        """Return what the octets that have arrived decide, the connection's end included."""
        try:
            octets = _arrived(self._tls) if self._tls else self._sock.recv(MOST_READ)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return []
        except OSError:
            octets = b""
        if not octets:
            return self.dialogue.lost()
        before = self.dialogue.answered
        decided = self.dialogue.receive(octets)
        if self.dialogue.answered != before:
            self._since = monotonic()
        return decided

    def _send(self, outgoing: Outgoing) -> int:
        if self._tls:
            return self._tls.send(outgoing.pending(MOST_AT_ONCE))
        return self._sock.sendmsg(outgoing.parts(MOST_AT_ONCE))

    def last_words(self) -> list[Decided]:
        """Return what a connection that takes no more octets had still said, and what its end decides."""
        decided: list[Decided] = []
        while not self.dialogue.closing:
            before = self.dialogue.answered
            decided += self.read()
            if self.dialogue.answered == before and not self.dialogue.closing:
                decided += self.dialogue.lost()
        return decided

    def overdue(self, now: float) -> bool:
        """Whether the server has kept us waiting too long (``now`` in monotonic seconds)."""
        if self._is_blocked:
            return now - self._since > self._timeouts.block
        stage = self.dialogue.expecting
        return stage is not None and now - self._since > self._timeouts.after(stage)

    def watch(self, selector: selectors.BaseSelector) -> None:
        """Have the selector wake us for replies, and for room to write when something is left to send."""
        events = _READ_AND_WRITE if self._is_blocked else selectors.EVENT_READ
        if self._events == events:
            return
        if self._events:
            selector.modify(self, events)
        else:
            selector.register(self, events)
        self._events = events

    def close(self, selector: selectors.BaseSelector) -> None:
        """Close the socket without another word."""
        if self._events:
            selector.unregister(self)
            self._events = 0
        self._sock.close()

    def say_goodbye(self) -> None:
        """Say QUIT on an idle connection (RFC 5321 4.1.1.10)."""
        with suppress(OSError):  # It is gone already, which is what we want.
            self._sock.send(b"QUIT\r\n")

    def hear_goodbye(self, seconds: float) -> None:
        """Wait so long for the answer to QUIT, so that the server does not find us gone."""
        with suppress(OSError):
            self._sock.settimeout(seconds)
            self._sock.recv(MOST_READ)


def _arrived(tls: ssl.SSLSocket) -> bytes:
    octets = tls.recv(MOST_READ)
    # A selector does not see what TLS has already decrypted.
    while octets and tls.pending():
        octets += tls.recv(MOST_READ)
    return octets
