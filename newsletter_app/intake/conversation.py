"""One conversation with a mail server: aiosmtpd's, in bounds of memory and time that no stranger moves.

aiosmtpd keeps a message as a list of lines and a line without an end for ever; here it is one run of octets.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Final

from aiosmtpd.smtp import SMTP, syntax

from newsletter_app.kernel.listening import LMTP, Place

MAX_OCTETS: Final = 10 * 1024 * 1024
# Without a valid command, or from DATA to its answer: ten megabytes take a second, and a minute is patient.
IDLE_S: Final = 60.0
# In all: whoever says NOOP for ever holds a place that others need. Servers open another connection.
LIFE_S: Final = 600.0
CLOSING: Final = b"421 4.3.2 Closing, try again later\r\n"
TOO_MUCH: Final = "552 5.3.4 The message is larger than is taken here"


class Conversation(SMTP):
    """SMTP (RFC 5321) or, as ``place`` says, LMTP (RFC 2033); ``handler`` judges and takes."""

    # What one read may bring: lines are not limited to 998 octets, since bounces quote what is not.
    line_length_limit = 65_536
    command_size_limit = 1024

    def __init__(
        self,
        handler: Any,
        place: Place,
        hostname: str,
        among: set[Conversation],
        *,
        host: str = "",
        tls: ssl.SSLContext | None = None,
        idle_s: float = IDLE_S,
        life_s: float = LIFE_S,
    ) -> None:
        """Begin; ``among`` are the open conversations, of which this is one as long as it lasts.

        ``host`` is who converses, ``tls`` what STARTTLS begins (RFC 3207), which is not offered without.
        """
        super().__init__(
            handler,
            data_size_limit=MAX_OCTETS,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="ready",
            tls_context=tls,
            timeout=idle_s,
            loop=asyncio.get_running_loop(),
        )
        self.host = host
        self.is_taking = False
        self._end: asyncio.TimerHandle | None = None
        self._is_lmtp = place.protocol == LMTP
        self._among, self._life_s = among, life_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to count its time, at whose end nothing is waited for: who reads no answer takes none.

        It is called again where STARTTLS puts TLS between; the time goes on.
        """
        self._among.add(self)
        if self._end is None:
            end = transport.abort if isinstance(transport, asyncio.WriteTransport) else transport.close
            self._end = self.loop.call_later(self._life_s, end)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Give its place to others."""
        self._among.discard(self)
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(error)

    def close(self) -> None:
        """Say that the server closes, and do."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(CLOSING)
            self.transport.close()

    async def smtp_HELO(self, hostname: str) -> None:
        """Greet a client of SMTP; one of LMTP must say LHLO (RFC 2033 4.1)."""
        await (self.push("500 5.5.1 Say LHLO") if self._is_lmtp else super().smtp_HELO(hostname))

    async def smtp_EHLO(self, hostname: str) -> None:
        """Greet a client of SMTP with what is offered."""
        await (self.push("500 5.5.1 Say LHLO") if self._is_lmtp else super().smtp_EHLO(hostname))

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:
        """Greet a client of LMTP with what is offered."""
        await (super().smtp_EHLO(hostname) if self._is_lmtp else self.push("500 5.5.1 Say EHLO"))

    async def smtp_AUTH(self, _arg: str | None) -> None:
        """Refuse: nobody logs in where nothing is passed on (RFC 4954 4)."""
        await self.push("502 5.5.1 Nobody logs in here")

    async def smtp_DATA(self, arg: str | None) -> None:
        """Take a message; the answer leaves when the handler is done with it, once a recipient in LMTP."""
        if await self.check_helo_needed() or self.envelope is None:
            return
        recipients = len(self.envelope.rcpt_tos)
        if not recipients or arg:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Who is it for?")
            return
        await self.push("354 End it with a dot")
        self.is_taking = True
        try:
            octets = await self._read_message()
            self.envelope.content = octets
            answer = TOO_MUCH if octets is None else str(await self._call_handler_hook("DATA"))
        finally:
            self.is_taking = False
        self.envelope = self._create_envelope()
        for _ in range(recipients if self._is_lmtp else 1):
            await self.push(answer)

    async def _read_message(self) -> bytes | None:
        """Return what stands before the line that is a dot alone, dots unstuffed; None for too much.

        Only CR LF ends a line, or a message could be smuggled into another (RFC 5321 2.3.8, 4.5.2).
        """
        held, size, begins = bytearray(), 0, True
        while True:
            try:
                line = await self._reader.readuntil(b"\r\n")
                ends = True
            except asyncio.LimitOverrunError as long:
                line = await self._reader.read(long.consumed)
                ends = False
            if begins and line == b".\r\n":
                return bytes(held) if size <= MAX_OCTETS else None
            piece = line[1:] if begins and line[:1] == b"." else line
            size += len(piece)
            if size <= MAX_OCTETS:
                held += piece
            else:
                held.clear()
            begins = ends
