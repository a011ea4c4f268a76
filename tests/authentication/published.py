"""A charity whose records are all as they should be, for tests to spoil one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsletter_app.authentication.identity import Identity, PublicKey
from tests.fakes.zone import Zone

KEY = "v=DKIM1; k=rsa; p=MIIBIjANBgkq"
IDENTITY = Identity(
    from_domain="charity.example",
    bounce_domain="bounce.charity.example",
    ehlo_name="tips.charity.example",
    remote_servers=("smtp.provider.example",),
    keys=(PublicKey("n2026", KEY),),
)
DKIM = "n2026._domainkey.charity.example"
DMARC = "_dmarc.charity.example"
BOUNCE = "bounce.charity.example"
PUBLISHED: Mapping[str, Any] = {
    "charity.example": {"MX": ["10 mx.charity.example"], "A": ["192.0.2.7"]},
    "mx.charity.example": {"A": ["192.0.2.8"]},
    BOUNCE: {"TXT": ["v=spf1 include:spf.provider.example ~all"], "MX": ["10 tips.charity.example"]},
    "tips.charity.example": {"A": ["192.0.2.9"]},
    "192.0.2.9": {"PTR": ["tips.charity.example"]},
    DKIM: {"TXT": [KEY]},
    DMARC: {"TXT": ["v=DMARC1; p=none; rua=mailto:postmaster@charity.example"]},
    "smtp.provider.example": {"A": ["192.0.2.25"]},
    "spf.provider.example": {"TXT": ["v=spf1 ip4:192.0.2.25 -all"]},
}


def published(changed: Mapping[str, Any] | None = None) -> Zone:
    """Return that charity's DNS with some names changed: to kinds of records, to "timed-out" and the like, or
    to None where they are gone.
    """
    return Zone({name: what for name, what in {**PUBLISHED, **(changed or {})}.items() if what is not None})


def spf(text: str, *more: str) -> dict[str, Any]:
    """Return the change that puts this SPF record in the place of the other."""
    return {BOUNCE: {**PUBLISHED[BOUNCE], "TXT": [text, *more]}}
