"""Each SMTP server as doctor sees it: visited as a message would, and no mail handed over."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from typing import Final

from newsletter_app.cli.breaker_words import advice
from newsletter_app.kernel.observations import Gravity, Observation
from newsletter_app.mail.opening import SmtpServer, Trouble
from newsletter_app.mail.visiting import Visit, visit

SECONDS: Final = 10.0
ENDS_SOON: Final = timedelta(days=14)


def look_at_server(server: SmtpServer, ehlo_name: str, now: datetime) -> list[Observation]:
    """Return what a visit showed."""
    return judge_visit(server, visit(server, ehlo_name, SECONDS, ssl.create_default_context()), now)


def judge_visit(server: SmtpServer, seen: Visit, now: datetime) -> list[Observation]:
    """Say whether mail could be handed over, safely, and for how long its certificate holds."""
    if seen.trouble is not None:
        return [_trouble(str(server), seen, seen.trouble)]
    until = seen.certificate_until
    facts = {
        "tls": seen.tls or "no TLS",
        "until": f"{until:%Y-%m-%d}" if until else "",
        "days": str((until - now).days) if until else "",
        "login": "the login is taken" if seen.has_logged_in else "no login is asked for",
    }
    if not seen.tls and not server.is_loopback:
        return [Observation("smtp-plain", Gravity.warning, str(server), facts)]
    if until is not None and until - now < ENDS_SOON:
        return [Observation("certificate-ends", Gravity.warning, str(server), facts)]
    return [Observation("smtp-ok" if until else "smtp-local", Gravity.ok, str(server), facts)]


def _trouble(server: str, seen: Visit, trouble: Trouble) -> Observation:
    said = f"{seen.reply.code} {seen.reply.text}" if seen.reply else seen.why
    enhanced = seen.reply.enhanced if seen.reply else None
    facts = {
        "trouble": trouble.value,
        "said": f": {said}" if said else "",
        "advice": advice(trouble.value, enhanced),
    }
    return Observation("smtp-trouble", Gravity.fault, server, facts)
