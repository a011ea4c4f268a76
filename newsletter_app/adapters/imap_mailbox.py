"""A mailbox at an IMAP server as a way in: each mail is moved to the folder "Read" once it was taken.

Mails are not marked as seen and not parsed here. What is larger than ten megabytes stays where it is.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxLoginError,
    MailBoxUnencrypted,
    MailMessage,
)

from newsletter_app.kernel.imap_url import ImapUrl

MAX_OCTETS: Final = 10 * 1024 * 1024
SECONDS: Final = 10.0  # For the connection, and for each answer.
READ: Final = "Read"


class MailboxFailed(Exception):
    """The mailbox cannot be used. ``code``: unreachable, untrusted, login-refused, no-folder, lost."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class ImapMailbox:
    """An open mailbox; its names are UIDs (RFC 3501 2.3.1.1). Every method raises MailboxFailed when lost."""

    def __init__(self, box: BaseMailBox, folder: str) -> None:
        """Keep the connection, on which ``folder`` is selected."""
        self._box, self._folder = box, folder
        self._read: str | None = None

    def names(self) -> Iterator[str]:
        """Yield which mails are there and may be read, the oldest first."""
        with _lost():
            yield from self._box.uids(f"SMALLER {MAX_OCTETS + 1}")

    def too_large(self) -> list[str]:
        """Return which mails are left for their size."""
        with _lost():
            return self._box.uids(f"LARGER {MAX_OCTETS}")

    def read(self, name: str) -> bytes | None:
        """Return the octets of a mail, None where it is gone since: another may read here as well."""
        with _lost():
            found = list(self._box.fetch(uid_list=[name], mark_seen=False))
        return found[0].octets if found and isinstance(found[0], _Raw) else None

    def done(self, name: str) -> None:
        """Move a mail to the folder of what was read, which is made where there is none."""
        with _lost():
            if self._read is None:
                self._read = self._folder_for_read()
            self._box.move([name], self._read)

    def _folder_for_read(self) -> str:
        """Return its name; some servers have all folders below the inbox."""
        delimiter = next((folder.delim for folder in self._box.folder.list()), "/")
        names = (READ, f"{self._folder}{delimiter}{READ}")
        for name in names:
            if self._box.folder.exists(name):
                return name
        for name in names:
            with suppress(ImapToolsError):
                self._box.folder.create(name)
                return name
        raise MailboxFailed("no-folder")


@contextmanager
def open_mailbox(url: ImapUrl, tls: ssl.SSLContext | None = None) -> Iterator[ImapMailbox]:
    """Give the mailbox at ``url`` until the block ends. Raises MailboxFailed.

    The server's certificate is verified; ``tls`` is for a test's own authority.
    """
    box = _connected(url, tls or ssl.create_default_context())
    try:
        _log_in(box, url)
        yield ImapMailbox(box, url.folder)
    finally:
        with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            box.logout()
        # A connection that was lost is not closed by that.
        with suppress(OSError):
            box.client.shutdown()


class _Raw(MailMessage):
    """A fetched mail as its octets alone: the library would have Python's parser read it."""

    def __init__(self, fetch_data: list[Any]) -> None:
        self.octets = next((bytes(part[1]) for part in fetch_data if isinstance(part, tuple)), None)


class _Secure(MailBox):
    email_message_class = _Raw


class _Plain(MailBoxUnencrypted):
    email_message_class = _Raw


def _connected(url: ImapUrl, tls: ssl.SSLContext) -> BaseMailBox:
    try:
        if url.is_secure:
            return _Secure(url.host, url.port, timeout=SECONDS, ssl_context=tls)
        return _Plain(url.host, url.port, timeout=SECONDS)
    except ssl.SSLError as fault:
        raise MailboxFailed("untrusted") from fault
    except (OSError, imaplib.IMAP4.error) as fault:
        raise MailboxFailed("unreachable") from fault


def _log_in(box: BaseMailBox, url: ImapUrl) -> None:
    is_ascii = (url.user + url.password).isascii()
    log_in = box.login if is_ascii else box.login_utf8
    try:
        log_in(url.user, url.password, initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.error) as fault:
        raise MailboxFailed("lost" if isinstance(fault, imaplib.IMAP4.abort) else "login-refused") from fault
    except OSError as fault:
        raise MailboxFailed("lost") from fault
    try:
        box.folder.set(url.folder)
    except ImapToolsError as fault:
        raise MailboxFailed("no-folder") from fault
    except (OSError, imaplib.IMAP4.error) as fault:
        raise MailboxFailed("lost") from fault


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as fault:
        raise MailboxFailed("lost") from fault
