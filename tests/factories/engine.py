"""Makers for the engine's tests: readers by number, an office with a journal, the mails' composer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, Wish, schedule
from newsletter_app.digests import Composer, Folders
from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger import Office, Watch, open_sender
from newsletter_app.mail.journal import Journal, current_boot_id
from newsletter_app.mail.transport import Transport
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from newsletter_app.tips import Tip

ROOT = Path(__file__).resolve().parents[2]
MARCH = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
HOST = "mail-1"
DOMAIN = "example.ca"
NO_WISH = Wish()


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self, now: datetime) -> None:
        """Show ``now`` until moved."""
        self.now = now

    def __call__(self) -> datetime:
        """Return the time shown."""
        return self.now

    def move(self, **by: float) -> None:
        """Move on by so many ``seconds``, ``minutes``, ``hours`` or ``days``."""
        self.now += timedelta(**by)


def make_reader(
    session: Session,
    number: int,
    notices: Iterable[Notice],
    now: datetime,
    *,
    state: str = "active",
    language: str = "en",
    layout: str = "standard",
    cursor: int | None = None,
    name: str = "",
    domain: str = DOMAIN,
    cadence: str = "each",
    wish: Wish = NO_WISH,
) -> Subscriber:
    """Add the reader ``reader<number>@example.ca`` with a subscription to each of ``notices``."""
    reader = Subscriber(
        address=f"reader{number}@{domain}",
        address_key=f"key-{number}",
        domain=domain,
        name=name,
        language=language,
        layout=layout,
        weekday=wish.weekday,
        hour=wish.hour,
        time_zone=wish.zone,
        created_at=now,
    )
    session.add(reader)
    session.flush()
    for notice in notices:
        head = notice.last_seq if cursor is None else cursor
        session.add(
            Subscription(
                subscriber_id=reader.id,
                notice_id=notice.id,
                state=state,
                cadence=cadence,
                cursor=head,
                created_at=now,
                confirmed_at=now if state == "active" else None,
            )
        )
    session.flush()
    return reader


def make_readers(
    session: Session, count: int, notice: Notice, now: datetime, domains: Sequence[str] = (DOMAIN,)
) -> list[Subscriber]:
    """Add ``count`` active readers of one notice, whose mailboxes are at these domains in turn."""
    return [
        make_reader(session, number, [notice], now, domain=domains[number % len(domains)])
        for number in range(1, count + 1)
    ]


def make_campaign(session: Session, tip: Tip, notices: Sequence[Notice], now: datetime) -> Campaign:
    """Schedule ``tip`` for the readers of ``notices``, due now."""
    ids = [notice.id for notice in notices]
    return schedule(session, tip, due_at=now, by="editor@example.org", now=now, notice_ids=ids)


def make_composer(translations: Path, now: datetime = MARCH, *, stop_domain: str = "") -> Composer:
    """Return a composer over the product's templates and the compiled catalogues in ``translations``."""
    folders = Folders(ROOT / "templates", translations)
    return Composer(folders, "https://news.example.org", "tips@example.org", now, stop_domain=stop_domain)


def open_office(
    unit_of_work: UnitOfWork,
    folder: Path,
    transport: Transport,
    clock: Clock,
    *,
    kind: str = "bulk",
    watch: Watch | None = None,
) -> Office:
    """Register a sender and begin its journal in ``folder``, as a worker does."""
    now = clock()
    with unit_of_work() as session:
        sender = open_sender(session, kind, HOST, current_boot_id(), os.getpid(), now)
    journal = Journal.open(folder, sender.id, HOST, now)
    return Office(sender.id, journal, transport, unit_of_work, clock, watch or Watch())
