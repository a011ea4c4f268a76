"""Opening a connection to one SMTP server until mail may be sent; it sends no password in the clear."""

from __future__ import annotations

import selectors
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from io import BufferedReader
from queue import Empty, SimpleQueue
from typing import Literal

from newsletter_app.kernel.hosts import is_loopback
from newsletter_app.mail.fitting import Offers
from newsletter_app.mail.replies import Reply, parse_reply

TlsPolicy = Literal["none", "starttls-required", "starttls-opportunistic", "implicit"]


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """One smarthost; ``weight`` is its share among several. Opportunistic: in the clear where not offered.

    ``connections`` is how many each process that sends campaigns opens to it, ``rate`` how many messages a
    second all of them together may hand to it (None: as many as it takes).
    """

    host: str
    port: int
    tls: TlsPolicy = "starttls-opportunistic"
    user: str = ""
    password: str = field(default="", repr=False)
    weight: int = 1
    connections: int = 5
    rate: Decimal | None = None

    def __str__(self) -> str:
        """Return "host:port", as outcomes name it."""
        return f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether what is said to it never leaves this machine."""
        return is_loopback(self.host)


class Trouble(StrEnum):
    """Why no mail can be handed to a server at present; a code, the words stand in the catalogue."""

    unreachable = "unreachable"
    timed_out = "timed-out"
    greeting = "greeting"
    hello = "hello"
    tls_not_offered = "tls-not-offered"
    tls_failed = "tls-failed"
    login_needs_tls = "login-needs-tls"
    login_refused = "login-refused"
    keeps_closing = "keeps-closing"


class OpeningFailed(Exception):
    """The server cannot be used now; ``reply`` is what it said, if it said anything."""

    def __init__(self, trouble: Trouble, reply: Reply | None = None) -> None:
        """Keep the code and the server's words."""
        super().__init__(trouble.value)
        self.trouble = trouble
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Opened:
    """A non-blocking connection after EHLO, and what was offered on it."""

    sock: socket.socket
    offers: Offers


class Openings:
    """Connections being opened in threads, because a silent server must not hold up the others."""

    def __init__(self, open_one: Callable[[], Opened], selector: selectors.BaseSelector) -> None:
        """Prepare to call ``open_one`` in threads and to wake ``selector`` when one of them is done."""
        self._open_one = open_one
        self._selector = selector
        self._results: SimpleQueue[Opened | OpeningFailed] = SimpleQueue()
        self._bell, self._hand = socket.socketpair()
        self._lock = threading.Lock()
        self._abandoned = False
        self.outstanding = 0
        selector.register(self._bell, selectors.EVENT_READ)

    def begin(self) -> None:
        """Begin to open one more."""
        self.outstanding += 1
        threading.Thread(target=self._open, name="smtp-opening", daemon=True).start()

    def results(self) -> Iterator[Opened | OpeningFailed]:
        """Yield what has come of the openings by now."""
        while self.outstanding:
            try:
                result = self._results.get_nowait()
            except Empty:
                return
            self._bell.recv(1)
            self.outstanding -= 1
            yield result

    def abandon(self) -> None:
        """Have whatever opens from now on closed by its own thread."""
        with self._lock:
            self._abandoned = True
            for result in self.results():
                if isinstance(result, Opened):
                    result.sock.close()
            self._selector.unregister(self._bell)
            self._bell.close()
            self._hand.close()
            self.outstanding = 0

    def _open(self) -> None:
        result: Opened | OpeningFailed
        try:
            result = self._open_one()
        except OpeningFailed as fault:
            result = fault
        with self._lock:
            if not self._abandoned:
                self._results.put(result)
                self._hand.send(b"!")
            elif isinstance(result, Opened):
                result.sock.close()


def open_server(server: SmtpServer, ehlo_name: str, seconds: float, context: ssl.SSLContext) -> Opened:
    """Connect, greet, take TLS and log in, each step within ``seconds``. Raises OpeningFailed; it blocks."""
    try:
        smtp = _connect(server, ehlo_name, seconds, context)
    except OSError as fault:
        raise _failed(fault) from fault
    try:
        _greet(smtp)
        _secure(smtp, server, context)
        _log_in(smtp, server)
        return _take_over(smtp)
    except OSError as fault:
        smtp.close()
        raise _failed(fault) from fault
    except OpeningFailed:
        smtp.close()
        raise


def _connect(
    server: SmtpServer, ehlo_name: str, seconds: float, context: ssl.SSLContext
) -> smtplib.SMTP | smtplib.SMTP_SSL:
    if server.tls == "implicit":
        return smtplib.SMTP_SSL(server.host, server.port, ehlo_name, timeout=seconds, context=context)
    return smtplib.SMTP(server.host, server.port, ehlo_name, timeout=seconds)


def _greet(smtp: smtplib.SMTP) -> None:
    try:
        smtp.ehlo_or_helo_if_needed()
    except smtplib.SMTPHeloError as fault:
        raise OpeningFailed(Trouble.hello, _reply(fault.smtp_code, fault.smtp_error)) from fault


def _secure(smtp: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext) -> None:
    """Take STARTTLS where offered, with a verified certificate, and greet again (RFC 3207 4.2)."""
    if server.tls not in ("starttls-required", "starttls-opportunistic"):
        return
    if not smtp.has_extn("starttls"):
        if server.tls == "starttls-required":
            raise OpeningFailed(Trouble.tls_not_offered)
        return
    code, said = smtp.starttls(context=context)
    if code != 220:
        raise OpeningFailed(Trouble.tls_failed, _reply(code, said))
    _greet(smtp)


def _log_in(smtp: smtplib.SMTP, server: SmtpServer) -> None:
    if not server.user:
        return
    if not (isinstance(smtp.sock, ssl.SSLSocket) or server.is_loopback):
        raise OpeningFailed(Trouble.login_needs_tls)
    try:
        smtp.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as fault:
        raise OpeningFailed(Trouble.login_refused, _reply(fault.smtp_code, fault.smtp_error)) from fault
    except smtplib.SMTPNotSupportedError as fault:
        raise OpeningFailed(Trouble.login_refused) from fault


def _take_over(smtp: smtplib.SMTP) -> Opened:
    """Take the socket out of smtplib's hands, which knows neither pipelining nor several connections."""
    sock, file = smtp.sock, smtp.file
    if sock is None:
        raise OpeningFailed(Trouble.unreachable)
    if _has_more(sock, file):
        raise OpeningFailed(Trouble.greeting)  # It answers what nobody asked: nothing would be in step.
    # A group goes out in one write; waiting for more would only hold back the last, short segment.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    smtp.file = smtp.sock = None
    return Opened(sock, _offers(smtp))


def _has_more(sock: socket.socket, file: BufferedReader | None) -> bool:
    """Whether smtplib has read ahead; closes its file."""
    if file is None:
        return False
    sock.setblocking(False)
    try:
        return bool(file.peek())
    except ssl.SSLWantReadError:
        return False
    finally:
        file.close()


def _offers(smtp: smtplib.SMTP) -> Offers:
    size = smtp.esmtp_features.get("size")
    if size is not None:
        size = size.strip()
    return Offers(
        pipelining=smtp.has_extn("pipelining"),
        size=None if size is None else int(size) if size.isdecimal() else 0,
        smtputf8=smtp.has_extn("smtputf8"),
    )


def _failed(fault: OSError) -> OpeningFailed:
    """Name the trouble behind what smtplib, ssl or the socket raised."""
    if isinstance(fault, smtplib.SMTPConnectError):
        return OpeningFailed(Trouble.greeting, _reply(fault.smtp_code, fault.smtp_error))
    if isinstance(fault, ssl.SSLError):
        return OpeningFailed(Trouble.tls_failed)
    if isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError):
        return OpeningFailed(Trouble.timed_out)
    if isinstance(fault, smtplib.SMTPServerDisconnected):
        return OpeningFailed(Trouble.greeting)
    return OpeningFailed(Trouble.unreachable)


def _reply(code: int, said: bytes | str) -> Reply | None:
    octets = said if isinstance(said, bytes) else said.encode("utf-8", "replace")
    return parse_reply(code, octets.split(b"\n")) if code > 0 else None
