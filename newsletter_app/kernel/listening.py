"""Where a server of ours listens, as one text spells it: a port or a socket, for SMTP or LMTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SMTP: Final = "smtp"
LMTP: Final = "lmtp"
UNIX: Final = "unix:"
EXAMPLES: Final = "127.0.0.1:8025, lmtp:127.0.0.1:8024 or lmtp:unix:/run/newsletter/feedback.sock"


class PlaceFault(ValueError):
    """The text names no place; the message completes a sentence that begins with the setting's name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Host and port, or the path of a socket (then there is no host); ``protocol`` is SMTP or LMTP."""

    protocol: str
    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        """Return the place as it is spelt."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        where = f"{UNIX}{self.path}" if self.path else f"{host}:{self.port}"
        return where if self.protocol == SMTP else f"{self.protocol}:{where}"


def read_place(text: str) -> Place | None:
    """Return the place that ``text`` spells, None for an empty one. Raises PlaceFault.

    LMTP (RFC 2033) stands before the place; without it SMTP is spoken.
    """
    if not text:
        return None
    protocol, rest = SMTP, text
    for name in (SMTP, LMTP):
        if text.startswith(f"{name}:"):
            protocol, rest = name, text.removeprefix(f"{name}:")
    if rest.startswith(UNIX):
        path = rest.removeprefix(UNIX)
        # What the kernel takes as a socket's name (unix(7)).
        if not path.startswith("/") or len(path.encode()) > 107:
            raise PlaceFault(f"is {text!r}: name the socket by a path of at most 107 octets from the root")
        return Place(protocol, path=path)
    host, _, port = rest.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdecimal() and 0 <= int(port) <= 65535):
        raise PlaceFault(f"is {text!r}: write it as {EXAMPLES}")
    return Place(protocol, host, int(port))
