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

import ssl
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache

from newsletter_app.kernel.clock import Clock
from newsletter_app.mail.connection import Timeouts
from newsletter_app.mail.connections import Connections
from newsletter_app.mail.dialogue import MESSAGES_PER_CONNECTION
from newsletter_app.mail.hand_over import HandOver
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.opening import Opened, SmtpServer, Trouble, open_server
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import NOBODY, Outcome, Parcel, Result

__all__ = ["SmtpServer", "SmtpTransport", "Timeouts", "Trouble"]

# To read the system's authorities takes tens of milliseconds, and a process may begin many transports.
_system_authorities = cache(ssl.create_default_context)


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
        self.connections = Connections(
            self._open, connections, messages_per_connection, timeouts or Timeouts()
        )
        self._ehlo_name = ehlo_name
        self._tls_context = tls_context or _system_authorities()

    def next_server(self, shunned: Collection[str] = NOBODY) -> str | None:
        """Return the one server, unless it is shunned."""
        return None if str(self.server) in shunned else str(self.server)

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Yield the outcome of each parcel pulled; see the module's text for what is not pulled."""
        return HandOver(self, parcels, journal, stop).run()

    def close(self) -> None:
        """Say QUIT on every kept connection and close it; what is still being opened is closed then."""
        self.connections.close()

    def _open(self) -> Opened:
        return open_server(self.server, self._ehlo_name, self.connections.timeouts.connect, self._tls_context)
