"""A visit to an SMTP server: greeted, TLS taken, logged in, and gone again; it hands over no mail."""

from __future__ import annotations

import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from newsletter_app.mail.opening import Opened, OpeningFailed, SmtpServer, Trouble, open_server
from newsletter_app.mail.replies import Reply

GOODBYE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit showed; ``trouble`` says why no mail could be handed over.

    ``tls`` is "TLSv1.3" or the like, "" in the clear; ``certificate_until`` the last moment its certificate
    holds. ``why`` is what the library says of a certificate it does not believe.
    """

    trouble: Trouble | None = None
    reply: Reply | None = None
    why: str = ""
    tls: str = ""
    certificate_until: datetime | None = None
    has_logged_in: bool = False


def visit(server: SmtpServer, ehlo_name: str, seconds: float, context: ssl.SSLContext) -> Visit:
    """Go as far as a message would, each step within ``seconds``; whatever goes wrong is told, not raised."""
    try:
        opened = open_server(server, ehlo_name, seconds, context)
    except OpeningFailed as failed:
        return Visit(failed.trouble, failed.reply, _why(failed.__cause__))
    with closing(opened.sock):
        return _seen(opened, server)


def _seen(opened: Opened, server: SmtpServer) -> Visit:
    sock = opened.sock
    tls, until = "", None
    if isinstance(sock, ssl.SSLSocket):
        tls, until = sock.version() or "", _until(sock)
    with suppress(OSError):  # It is gone already, which is what we want.
        sock.settimeout(GOODBYE_S)
        sock.sendall(b"QUIT\r\n")
        sock.recv(1024)
    return Visit(tls=tls, certificate_until=until, has_logged_in=bool(server.user))


def _until(sock: ssl.SSLSocket) -> datetime | None:
    ends = (sock.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None


def _why(cause: BaseException | None) -> str:
    return cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else ""
