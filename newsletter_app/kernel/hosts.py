"""Hosts: whether a name or an address means this machine alone, or the public; it asks no name server."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` cannot be reached from another machine (RFC 6761 6.3, RFC 4291 2.5.3)."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


# Python's own table knows these only in part, or by version: addresses of protocols (RFC 6890), relays of
# 6to4 (RFC 7526), IPv4 behind NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056) and Teredo (RFC 4380), and the
# address at which Azure tells a machine its secrets.
_HIDING = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
    )
)
_UNICAST = ipaddress.IPv6Network("2000::/3")


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public internet: no loopback, private, link-local (the
    metadata of clouds), shared (CGNAT), reserved or multicast one, in IPv6's clothes or not.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None and ip not in _UNICAST:
            return False
        ip = ip.ipv4_mapped or ip
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local:
        return False
    return ip.is_global and not any(ip in network for network in _HIDING if network.version == ip.version)
