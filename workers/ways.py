"""The way out of a sending process: the mail servers of the settings, and the watch kept over them."""

from __future__ import annotations

from typing import Final

import structlog

from config import Settings
from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger import BreakerKind, Watch, Why
from newsletter_app.mail.fleet import Failure, Fleet
from newsletter_app.mail.smtp import SmtpTransport
from newsletter_app.mail.transport import Transport
from newsletter_app.outbox import OutboxTransport

BULK: Final = "bulk"
# Service mails are few; where a server is slow to take one, the others of its claim go another way.
SERVICE_CONNECTIONS: Final = 3

_log = structlog.get_logger("way-out")


def servers(settings: Settings) -> tuple[str, ...]:
    """Return the names of the mail servers; none in a try-out."""
    return tuple(str(server) for server in settings.smtp)


def watch(settings: Settings, kind: str) -> Watch:
    """Return a watch over the servers; service mails teach it nothing, and wait behind no campaign."""
    return Watch(servers(settings), _tell_breaker, learns=kind == BULK)


def way_out(settings: Settings, kind: str, watch: Watch, clock: Clock, unit_of_work: UnitOfWork) -> Transport:
    """Return the fleet of the servers, whose failures the watch hears of, or the outbox of a try-out."""
    if settings.uses_outbox:
        return OutboxTransport(unit_of_work, clock)
    transports = [
        SmtpTransport(
            server, settings.ehlo_name, clock, server.connections if kind == BULK else SERVICE_CONNECTIONS
        )
        for server in settings.smtp
    ]

    def fail(failure: Failure) -> None:
        _tell_failure(failure)
        watch.fail(failure)

    return Fleet(transports, fail)


def _tell_failure(failure: Failure) -> None:
    _log.warning(
        "server_in_trouble",
        server=failure.server,
        trouble=failure.trouble.value,
        code=failure.reply.code if failure.reply else None,
        in_a_row=failure.in_a_row,
    )


def _tell_breaker(kind: BreakerKind, name: str, why: Why) -> None:
    # A reader's domain may name the reader; `flask campaigns status` tells it.
    shown = name if kind is BreakerKind.server else None
    code = why.reply.code if why.reply else None
    _log.error("breaker_opened", what=kind.value, server=shown, trouble=why.trouble, code=code)
