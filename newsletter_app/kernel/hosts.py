"""Hosts: whether a name or an address means this machine alone; it asks no name server."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` cannot be reached from another machine (RFC 6761 6.3, RFC 4291 2.5.3)."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")
