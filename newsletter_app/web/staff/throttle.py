"""How often somebody may try to sign in: by place and by person, and so that nobody locks others out (S22).

A browser that signed in before has a budget of its own, so that strangers who use up a person's cannot keep
that person out (OWASP's device cookie).
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from flask import Response, request
from itsdangerous import BadSignature, URLSafeSerializer

from newsletter_app.adapters.redis_counts import Limit
from newsletter_app.kernel.addresses import AddressFault, address_key, parse_address
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip, counted, networks_of

QUARTER_S: Final = 15 * 60
HOUR_S: Final = 3600
YEAR_S: Final = 365 * 24 * HOUR_S
PER_KNOWN_BROWSER: Final = 10
PER_PLACE: Final = 20
PER_NETWORK: Final = 100
PER_PERSON: Final = 30
EVERYWHERE: Final = 2000
NAME: Final = "desk_known"
SALT: Final = "console-known-browser"


def allows(address: str) -> bool:
    """Count one try for ``address`` from this browser; False when there were too many."""
    person = counted_as(address)
    known = _known_as(person)
    if known is not None:
        return counted(Limit(f"desk:known:{known}", PER_KNOWN_BROWSER, QUARTER_S))
    ip = client_ip()
    network, _site = networks_of(ip)
    return counted(
        Limit(f"desk:place:{ip}", PER_PLACE, QUARTER_S),
        Limit(f"desk:network:{network}", PER_NETWORK, HOUR_S),
        Limit(f"desk:person:{person}", PER_PERSON, HOUR_S),
        Limit("desk:everywhere", EVERYWHERE, HOUR_S),
    )


def remember(response: Response, address: str) -> Response:
    """Let this browser be known as one that ``address`` signed in with; it opens nothing by itself."""
    person = counted_as(address)
    if _known_as(person) is None:
        text = str(_signer().dumps([person, secrets.token_hex(8)]))
        secure = ports().settings.is_https
        response.set_cookie(
            _name(), text, max_age=YEAR_S, secure=secure, httponly=True, samesite="Lax", path="/"
        )
    return response


def counted_as(address: str) -> str:
    """Return what an address is counted by, known here or not: the counts tell nobody who is on the staff.

    However it is spelled, it is one: a domain in wide letters would have a budget of its own each time.
    """
    try:
        return address_key(ports().settings.hash_key, parse_address(address.strip()))[:24]
    except AddressFault:
        return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:24]


def _known_as(person: str) -> str | None:
    """Return which of the browsers this is that ``person`` used, or None."""
    try:
        whose, browser = _signer().loads(request.cookies.get(_name(), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(browser) if whose == person else None


def _name() -> str:
    return f"__Host-{NAME}" if ports().settings.is_https else NAME


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(ports().settings.secret_key, salt=SALT)
