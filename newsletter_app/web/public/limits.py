"""How many sign-ups are taken: from one place, its neighbourhood, for one mailbox, everywhere (S2)."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final, cast

from flask import Flask, current_app, request
from werkzeug.exceptions import TooManyRequests

from newsletter_app.adapters.redis_counts import Counts, Limit
from newsletter_app.kernel.addresses import Address, mailbox_key
from newsletter_app.web.ports import ports

HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S
PER_ADDRESS: Final = 60
# A class or a residence signs up together, often from a few neighbouring addresses.
PER_NETWORK: Final = 180
# One mail a day goes to an address; this is for a mailbox that answers to very many of them.
PER_MAILBOX: Final = 20
EVERYWHERE: Final = 6000
EXTENSION: Final = "counts"


class TooManySignups(TooManyRequests):
    """One of the limits is reached."""


def install(app: Flask) -> None:
    """Give ``app`` its counts."""
    app.extensions[EXTENSION] = Counts(app.extensions["ports"].settings.redis_client_url)


def client_ip() -> str:
    """Return the address the request came from (behind trusted proxies, the one they saw)."""
    return request.remote_addr or ""


@lru_cache(maxsize=1024)
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


def count_signup(address: Address) -> None:
    """Count one sign-up of this request for ``address``, alike for every address, known here or not (S1).

    Raises TooManySignups (429) when there were too many. What all share is counted last, so that
    one place that is refused cannot use up everybody's.
    """
    ip = client_ip()
    mailbox = mailbox_key(ports().settings.hash_key, address)
    limits = (
        Limit(f"address:{ip}", PER_ADDRESS, HOUR_S),
        Limit(f"network:{network_of(ip)}", PER_NETWORK, HOUR_S),
        Limit(f"mailbox:{mailbox}", PER_MAILBOX, DAY_S),
        Limit("everywhere", EVERYWHERE, HOUR_S),
    )
    if not cast(Counts, current_app.extensions[EXTENSION]).count(limits):
        raise TooManySignups
