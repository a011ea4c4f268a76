"""``SMTP_URL`` as servers: addresses, each with its security, share and limits; it connects to none."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from newsletter_app.kernel.hosts import is_loopback
from newsletter_app.mail.opening import SmtpServer, TlsPolicy

OUTBOX: Final = "outbox:"
TLS_BY_STARTTLS: Final[dict[str, TlsPolicy]] = {
    "required": "starttls-required",
    "opportunistic": "starttls-opportunistic",
    "off": "none",
}
PORTS: Final = {"smtp": 25, "smtps": 465}
SUBMISSION_PORT: Final = 587
OPTIONS: Final = ("starttls", "weight", "connections", "rate")
RATE: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")


class SmtpUrlFault(ValueError):
    """One address cannot be used; the text says why, and never shows a password."""


def read_smtp_urls(text: str) -> tuple[SmtpServer, ...]:
    """Return the servers that ``text`` names (separated by spaces), none for ``outbox:`` or nothing.

    ``smtp://user:pass@host:port?starttls=required|opportunistic|off&weight=3&connections=5&rate=20`` or
    ``smtps://…``; weight and connections are whole numbers from 1 to 100, ``rate`` messages per second.
    Off loopback STARTTLS is required unless said otherwise. Raises SmtpUrlFault; no server stands here twice.
    """
    urls = text.split()
    if urls in ([], [OUTBOX]):
        return ()
    if OUTBOX in urls:
        raise SmtpUrlFault("names outbox: beside mail servers: keep one or the other")
    servers = tuple(_server(url, place) for place, url in enumerate(urls, start=1))
    if len(set(map(str, servers))) < len(servers):
        raise SmtpUrlFault("names a server twice: give it a weight instead")
    return servers


def _server(url: str, place: int) -> SmtpServer:
    # The address itself is not quoted in a fault: it may hold a password.
    which = f"address {place}"
    try:
        parts = urlsplit(url)
        port = parts.port
        options = {
            name: values[-1]
            for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
        }
    except ValueError:
        raise SmtpUrlFault(f"cannot be read ({which}): write smtp://user:password@host:port") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise SmtpUrlFault(f"must begin with smtp:// or smtps:// and a host, or be outbox: ({which})")
    if parts.path.strip("/") or not options.keys() <= set(OPTIONS):
        raise SmtpUrlFault(f"knows only ?{'=, '.join(OPTIONS)}= after the host ({which})")
    host = parts.hostname
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    tls = _tls(parts.scheme, host, options.get("starttls"), which)
    if user and tls in ("none", "starttls-opportunistic") and not is_loopback(host):
        raise SmtpUrlFault(f"would send a password that anybody may read ({which}): use ?starttls=required")
    default = SUBMISSION_PORT if user and parts.scheme == "smtp" else PORTS[parts.scheme]
    return SmtpServer(
        host=host,
        port=port or default,
        tls=tls,
        user=user,
        password=password,
        weight=_count("weight", options.get("weight", "1"), which),
        connections=_count("connections", options.get("connections", "5"), which),
        rate=_rate(options.get("rate"), which),
    )


def _tls(scheme: str, host: str, starttls: str | None, which: str) -> TlsPolicy:
    if scheme == "smtps":
        if starttls:
            raise SmtpUrlFault(f"has both smtps:// and ?starttls= ({which}): keep one of them")
        return "implicit"
    chosen = starttls or ("off" if is_loopback(host) else "required")
    if chosen not in TLS_BY_STARTTLS:
        raise SmtpUrlFault(f"knows starttls=required, opportunistic and off ({which})")
    return TLS_BY_STARTTLS[chosen]


def _count(name: str, text: str, which: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= 100:
        return int(text)
    raise SmtpUrlFault(f"needs {name} from 1 to 100 ({which})")


def _rate(text: str | None, which: str) -> Decimal | None:
    if text is None:
        return None
    if RATE.fullmatch(text) and Decimal(text) > 0:
        return Decimal(text)
    raise SmtpUrlFault(f"needs rate as messages per second, such as 20 or 0.5 ({which})")
