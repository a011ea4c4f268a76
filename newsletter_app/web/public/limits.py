"""How many sign-ups are taken: from one place, from its neighbourhood, from everywhere (S2)."""

from __future__ import annotations

import ipaddress
from typing import Final

from flask import request

from newsletter_app.extensions import limiter

PER_ADDRESS: Final = "60 per hour"
# A class or a residence signs up together, often from a few neighbouring addresses.
PER_NETWORK: Final = "180 per hour"
EVERYWHERE: Final = "6000 per hour"


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


@limiter.limit(EVERYWHERE, key_func=lambda: "everywhere")
@limiter.limit(PER_NETWORK, key_func=client_network)
@limiter.limit(PER_ADDRESS, key_func=client_ip)
def count_signup() -> None:
    """Count one sign-up of this request. Raises RateLimitExceeded (429) when there were too many."""
