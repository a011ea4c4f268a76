"""The ways in for what comes back as doctor sees them: which are set, and whether each can be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config import Settings
from newsletter_app.adapters.imap_mailbox import MailboxFailed, open_mailbox
from newsletter_app.adapters.maildir import Maildir, NoMaildir
from newsletter_app.adapters.sender_check import is_known_outside
from newsletter_app.kernel.imap_url import ImapUrl
from newsletter_app.kernel.observations import Gravity, Observation


def look_at_ways_in(settings: Settings) -> Iterator[Observation]:
    """Yield what was found of each; the mailbox is logged in to, whether mail leaves or not."""
    found = [*_set(settings)]
    yield from found
    if not found and is_known_outside(settings):
        yield Observation("no-way-in", Gravity.warning, settings.bounce_domain)


def _set(settings: Settings) -> Iterator[Observation]:
    if settings.bounce_listen is not None:
        facts = {"tls": "with TLS" if settings.bounce_tls else "without TLS"}
        yield Observation("way-listener", Gravity.ok, str(settings.bounce_listen), facts)
    if settings.feedback_imap is not None:
        yield _mailbox(settings.feedback_imap)
    if settings.feedback_maildir is not None:
        yield _maildir(settings.feedback_maildir)
    for provider in settings.hook_keys:
        yield Observation("way-hook", Gravity.ok, f"{settings.public_url}/hooks/{provider}")


def _mailbox(url: ImapUrl) -> Observation:
    try:
        with open_mailbox(url):
            return Observation("way-mailbox", Gravity.ok, f"{url.folder} at {url.host}")
    except MailboxFailed as fault:
        return Observation(f"mailbox-{fault.code}", Gravity.fault, url.host)


def _maildir(folder: Path) -> Observation:
    try:
        Maildir(folder)
    except NoMaildir:
        return Observation("maildir-none", Gravity.fault, str(folder))
    return Observation("way-maildir", Gravity.ok, str(folder))
