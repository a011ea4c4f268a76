"""Taking what came back from a mailbox, on behalf of the tick; what is left is told in the log by its UID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import structlog

from newsletter_app import feedback
from newsletter_app.adapters.imap_mailbox import open_mailbox
from newsletter_app.adapters.incoming import take_all
from newsletter_app.feedback import Received
from newsletter_app.kernel.imap_url import ImapUrl
from newsletter_app.ports import Ports

_log = structlog.get_logger("feedback")


def fetch_feedback(ports: Ports, url: ImapUrl, stop: Callable[[], bool]) -> Counter[str]:
    """Take what lies in the mailbox, each mail in a transaction of its own. Raises MailboxFailed."""

    def take(octets: bytes) -> Received:
        with ports.unit_of_work() as session:
            return feedback.receive(session, octets, source="imap", links=ports.links, now=ports.clock())

    with open_mailbox(url) as mailbox:
        return take_all(mailbox, take, _tell_left, stop)


def _tell_left(uid: str, why: str) -> None:
    _log.warning("feedback_mail_left", uid=uid, why=why)
