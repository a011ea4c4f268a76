"""Whom mail is taken for, and taking it: "250" says that its transaction is committed, "451" that it is not.

Nothing here writes a mail: what cannot be taken is the other server's to keep (M47).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from aiosmtpd.smtp import Envelope, Session
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app import feedback, organisation
from newsletter_app.ports import Ports

# At a time, each with a connection to the database; and how long one may take until its sender is put off.
AT_ONCE: Final = 4
PATIENCE_S: Final = 30.0
KNOWN_S: Final = 60.0
MAX_RECIPIENTS: Final = 100  # RFC 5321 4.5.3.1.8
TAKEN: Final = "250 2.0.0 Taken"
# Said to strangers alone: their server keeps the mail for some days and comes again (RFC 5321 4.5.4.1).
FULL: Final = "452 4.3.1 There is no room today for more mail that answers none of ours, try again later"
LATER: Final = "451 4.3.0 It cannot be taken just now, try again later"
NOT_HERE: Final = "550 5.7.1 Only what comes back to us is taken here"
TOO_MANY: Final = "452 4.5.3 Too many recipients"
POSTMASTER: Final = "postmaster"  # RFC 5321 4.5.1: taken without a domain, too.

_Done = TypeVar("_Done")
_log = logging.getLogger("newsletter_app.intake")


class Taking:
    """The handler of every conversation: aiosmtpd calls what is named ``handle_``."""

    def __init__(self, ports: Ports, source: str) -> None:
        """Keep the ports; ``source`` is how events are marked: "smtp" or "lmtp"."""
        self._ports, self._source = ports, source
        self._reply_to, self._ask_at = "", 0.0
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="taking")

    async def handle_EHLO(
        self, _server: Any, session: Session, _envelope: Envelope, hostname: str, offered: list[str]
    ) -> list[str]:
        """Offer what there is; aiosmtpd would offer a login as soon as there is TLS."""
        session.host_name = hostname
        return [line for line in offered if not line.startswith("250-AUTH")]

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept the bounce domain and the addresses that readers answer to; nothing is passed on."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        try:
            ours = await self._is_ours(address)
        except (SQLAlchemyError, TimeoutError) as fault:
            return self._put_off(fault)
        if not ours:
            return NOT_HERE
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Good"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        """Let the room receive the message, in a transaction of its own."""
        octets, told = _octets(envelope), list(envelope.rcpt_tos)
        try:
            received = await self._in_thread(lambda: self._receive(octets, told))
        except (SQLAlchemyError, TimeoutError) as fault:
            return self._put_off(fault)
        return FULL if received.state is feedback.State.turned_away else TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """Put the sender off where we are at fault, so that the mail is not lost."""
        return self._put_off(error)

    def close(self) -> None:
        """Take nothing more; what is being taken ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _receive(self, octets: bytes, told: list[str]) -> feedback.Received:
        ports = self._ports
        with ports.unit_of_work() as session:
            return feedback.receive(
                session, octets, source=self._source, links=ports.links, now=ports.clock(), envelope=told
            )

    async def _is_ours(self, address: str) -> bool:
        folded, settings = address.lower(), self._ports.settings
        domain = folded.rpartition("@")[2].rstrip(".")
        if domain == settings.bounce_domain or folded in (POSTMASTER, settings.mail_from.lower()):
            return True
        return folded == await self._reply_address()

    async def _reply_address(self) -> str:
        """Return the organisation's address, asked for once a minute: strangers may name it for ever."""
        now = asyncio.get_running_loop().time()
        if now >= self._ask_at:
            self._reply_to = await self._in_thread(self._known_address)
            self._ask_at = now + KNOWN_S
        return self._reply_to

    def _known_address(self) -> str:
        with self._ports.unit_of_work() as session:
            known = organisation.find(session)
            return known.email.lower() if known is not None else ""

    async def _in_thread(self, work: Callable[[], _Done]) -> _Done:
        """Do what waits for the database aside. Raises TimeoutError; then it may yet be done, which is no
        harm: the same mail again changes nothing.
        """
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.run_in_executor(self._threads, work), PATIENCE_S)

    def _put_off(self, fault: Exception) -> str:
        # Not its message: statements carry addresses (S28).
        _log.error("put off: %s", type(fault).__name__)
        return LATER


def _octets(envelope: Envelope) -> bytes:
    content = envelope.content or b""
    return content if isinstance(content, bytes) else content.encode()
