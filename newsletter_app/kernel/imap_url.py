"""The address of a mailbox at an IMAP server, as one text spells it (after RFC 5092)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from newsletter_app.kernel.hosts import is_loopback

PORTS: Final = {"imaps": 993, "imap": 143}
INBOX: Final = "INBOX"


class ImapUrlFault(ValueError):
    """The text is no such address; the message completes a sentence that begins with the setting's name."""


@dataclass(frozen=True, slots=True)
class ImapUrl:
    """Where a mailbox is and who may read it; without TLS only on this machine."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = INBOX
    is_secure: bool = True


def read_imap_url(text: str) -> ImapUrl | None:
    """Return the mailbox that ``imaps://user:password@host[:port][/folder]`` names, None for an empty text.

    Raises ImapUrlFault, which tells no secret.
    """
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ImapUrlFault("is no address: write imaps://user:password@host/INBOX") from None
    if parts.scheme not in PORTS or not host or not parts.username or not parts.password:
        raise ImapUrlFault("must be imaps://user:password@host/INBOX, with %40 for @ in user and password")
    if parts.scheme == "imap" and not is_loopback(host):
        raise ImapUrlFault(f"would send its password to {host} for all to read: write imaps://")
    if parts.query or parts.fragment:
        raise ImapUrlFault("has more after the folder: in user and password write %3F for ? and %23 for #")
    folder = unquote(parts.path.strip("/")) or INBOX
    user, password = unquote(parts.username), unquote(parts.password)
    if any(sign in text for text in (user, password, folder) for sign in "\r\n\0"):
        raise ImapUrlFault("has a line break in it")
    is_secure = parts.scheme == "imaps"
    return ImapUrl(host, port or PORTS[parts.scheme], user, password, folder, is_secure)
