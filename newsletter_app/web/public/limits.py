"""How many sign-ups and answers are taken: from one place, its neighbourhood, for a mailbox, in all (S2)."""

from __future__ import annotations

import ipaddress
import re
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
# Who has a /48 has 65,536 such networks, and must not be able to use up what all share.
PER_SITE: Final = 600
# One mail a day goes to an address; this is for a mailbox that answers to very many of them.
PER_MAILBOX: Final = 20
EVERYWHERE: Final = 6000
# A class that reads a tip together may answer; one reader who presses for an hour may not decide the count.
ANSWERS_PER_ADDRESS: Final = 20
ANSWERS_PER_NETWORK: Final = 200
ANSWERS_PER_SITE: Final = 600
ANSWERS_EVERYWHERE: Final = 6000
EXTENSION: Final = "counts"
_WITH_PORT: Final = re.compile(r"(?:(?P<v4>\d+\.\d+\.\d+\.\d+)|\[(?P<v6>[0-9a-fA-F:.]+)\]):\d+", re.ASCII)


class TooManySignups(TooManyRequests):
    """One of the limits is reached."""


def install(app: Flask) -> None:
    """Give ``app`` its counts."""
    app.extensions[EXTENSION] = Counts(app.extensions["ports"].settings.redis_client_url)


def client_ip() -> str:
    """Return the address the request came from (behind trusted proxies, the one they saw), without a port."""
    told = request.remote_addr or ""
    # Some proxies tell the port as well: each would be another place.
    found = _WITH_PORT.fullmatch(told)
    return (found["v4"] or found["v6"]) if found else told


@lru_cache(maxsize=1024)
def networks_of(ip: str) -> tuple[str, str]:
    """Return the network and the site that ``ip`` lies in; itself twice if it is no address.

    They are the /24 twice for IPv4 (also mapped), the /64 and the /48 for IPv6, of which a customer has one.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip, ip
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    prefixes = (24, 24) if address.version == 4 else (64, 48)
    network, site = (str(ipaddress.ip_network(f"{address}/{prefix}", strict=False)) for prefix in prefixes)
    return network, site


def count_signup(address: Address) -> None:
    """Count one sign-up of this request for ``address``, alike for every address, known here or not (S1).

    Raises TooManySignups (429) when there were too many. What all share is counted last, so that
    one place that is refused cannot use up everybody's.
    """
    ip = client_ip()
    mailbox = mailbox_key(ports().settings.hash_key, address)
    network, site = networks_of(ip)
    limits = (
        Limit(f"address:{ip}", PER_ADDRESS, HOUR_S),
        Limit(f"network:{network}", PER_NETWORK, HOUR_S),
        Limit(f"site:{site}", PER_SITE, HOUR_S),
        Limit(f"mailbox:{mailbox}", PER_MAILBOX, DAY_S),
        Limit("everywhere", EVERYWHERE, HOUR_S),
    )
    if not counted(*limits):
        raise TooManySignups


def count_answer(tip_id: int) -> None:
    """Count one answer of this request about a tip. Raises TooManyRequests (429) when there were too many.

    A day later nobody knows any more that this place answered: the counts in Redis are gone by then.
    """
    ip = client_ip()
    network, site = networks_of(ip)
    # A household shares one address of IPv4; of IPv6 it has a network, and changes its addresses at will.
    place = network if network.endswith("/64") else ip
    limits = (
        Limit(f"useful:{tip_id}:{place}", ANSWERS_PER_ADDRESS, DAY_S),
        Limit(f"useful:network:{network}", ANSWERS_PER_NETWORK, DAY_S),
        Limit(f"useful:site:{site}", ANSWERS_PER_SITE, DAY_S),
        Limit("useful:everywhere", ANSWERS_EVERYWHERE, HOUR_S),
    )
    if not counted(*limits):
        raise TooManyRequests


def counted(*limits: Limit) -> bool:
    """Count one event under each of ``limits``; False at the first that is full."""
    return cast(Counts, current_app.extensions[EXTENSION]).count(limits)
