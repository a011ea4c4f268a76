"""How many sign-ups are taken: from one place, its neighbourhood, everywhere, for one mailbox (S2)."""

from __future__ import annotations

import ipaddress
from typing import Final

from flask import g, request

from newsletter_app.extensions import limiter
from newsletter_app.kernel.addresses import mailbox_key, parse_address
from newsletter_app.web.ports import ports

PER_ADDRESS: Final = "60 per hour"
# A class or a residence signs up together, often from a few neighbouring addresses.
PER_NETWORK: Final = "180 per hour"
EVERYWHERE: Final = "6000 per hour"
# One mail a day goes to an address; this is for a mailbox that answers to very many of them.
PER_MAILBOX: Final = "20 per day"


def client_ip() -> str:
    """Return the address the request came from (behind trusted proxies, the one they saw)."""
    return request.remote_addr or ""


def network_of(ip: str) -> str:
    """Return the /24 (IPv4, also mapped) or /64 (IPv6) that ``ip`` lies in; itself if it is no address."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    prefix = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


def client_network() -> str:
    """Return the network the request came from."""
    return network_of(client_ip())


def count_signup(address: str) -> None:
    """Count one sign-up of this request for ``address``, alike for every address, known here or not (S1).

    Raises RateLimitExceeded (429) when there were too many.
    """
    g.mailbox = mailbox_key(ports().settings.hash_key, parse_address(address))
    _count()


def _mailbox() -> str:
    return str(g.mailbox)


@limiter.limit(EVERYWHERE, key_func=lambda: "everywhere")
@limiter.limit(PER_MAILBOX, key_func=_mailbox)
@limiter.limit(PER_NETWORK, key_func=client_network)
@limiter.limit(PER_ADDRESS, key_func=client_ip)
def _count() -> None:
    """Be counted; the keys are of the request at hand."""
