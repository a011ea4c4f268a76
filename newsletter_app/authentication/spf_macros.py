"""Macros in SPF records (RFC 7208 section 7): a name that depends on who sends; it asks nobody."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from newsletter_app.authentication.spf_record import SpfFault

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LONGEST_NAME: Final = 253
_MACRO: Final = re.compile(r"%(?:\{([slodiphv])(\d*)(r?)([.\-+,/_=]*)\}|([%_-])|)", re.I)
_LITERALS: Final = {"%": "%", "_": " ", "-": "%20"}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a receiver knows of a message when it looks at SPF: where from, by whom, and the greeting."""

    address: Address
    sender: str
    ehlo: str

    def value(self, letter: str, domain: str) -> str:
        """Return what a macro letter stands for (section 7.3)."""
        local, _, of = self.sender.rpartition("@")
        v6 = self.address.version == 6
        return {
            "s": self.sender,
            "l": local,
            "o": of,
            "d": domain,
            "i": ".".join(self.address.exploded.replace(":", "")) if v6 else str(self.address),
            "p": "unknown",  # Section 7.2 itself says not to use it.
            "h": self.ehlo,
            "v": "ip6" if v6 else "in-addr",
        }[letter]


def expand(text: str, letter: Letter, domain: str) -> str:
    """Return the name that ``text`` is for this letter. Raises SpfFault ``spf-syntax``."""

    def put(found: re.Match[str]) -> str:
        if found[5]:
            return _LITERALS[found[5]]
        if not found[1]:
            raise SpfFault("spf-syntax", text)
        return _transformed(found, letter, domain, text)

    name = _MACRO.sub(put, text).rstrip(".").lower()
    if len(name) <= _LONGEST_NAME:
        return name
    # Labels go from the left until it fits (section 7.3); in one step, since a record may name a megabyte.
    return name[-_LONGEST_NAME - 1 :].partition(".")[2]


def _transformed(found: re.Match[str], letter: Letter, domain: str, text: str) -> str:
    value = letter.value(found[1].lower(), domain)
    parts = re.split(f"[{re.escape(found[4] or '.')}]", value)
    if found[3]:
        parts.reverse()
    if found[2]:
        if not 0 < int(found[2][:4]) < 1000:
            raise SpfFault("spf-syntax", text)
        parts = parts[-int(found[2][:4]) :]
    whole = ".".join(parts)
    return quote(whole, safe="") if found[1].isupper() else whole
