"""Readers by the hundred thousand, written into the tables as confirmed sign-ups would leave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from newsletter_app import notices
from newsletter_app.kernel.addresses import Address, address_key
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.notices import Notice
from newsletter_app.ports import Ports
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from tests.journeys.house import NOTICES

BATCH: Final = 10_000
DOMAINS: Final = 40
# Every third reader reads French, and every second gave a name.
FRENCH_EVERY, NAMED_EVERY = 3, 2


def add_audiences(ports: Ports, sizes: Iterable[int]) -> None:
    """Add as many readers as the largest audience wants, and a notice for each size: its first readers."""
    wanted = sorted(sizes)
    for batch in _batches(max(wanted, default=0)):
        with ports.unit_of_work() as session:
            rows = [_subscriber(ports.settings.hash_key, number, ports.clock()) for number in batch]
            session.execute(insert(Subscriber), rows)
    for size in wanted:
        with ports.unit_of_work() as session:
            _subscribe(session, _add_notice(session, size, ports.clock()), size, ports.clock())


def notice_of(session: Session, size: int) -> Notice:
    """Return the notice that so many readers get. Raises LookupError where there is none."""
    found = notices.find_by_key(session, _key(size))
    if found is None:
        raise LookupError(f"there is no audience of {size}")
    return found


def _batches(count: int) -> Iterator[range]:
    return (range(start, min(start + BATCH, count)) for start in range(0, count, BATCH))


def _subscriber(hash_key: bytes, number: int, now: datetime) -> dict[str, Any]:
    address = Address(f"reader-{number}", f"mail{number % DOMAINS}.example.ca")
    return {
        "address": str(address),
        "address_key": address_key(hash_key, address),
        "domain": address.domain,
        "name": "" if number % NAMED_EVERY else f"Reader No. {number}",
        "language": "en" if number % FRENCH_EVERY else "fr",
        "created_at": now,
    }


def _add_notice(session: Session, size: int, now: datetime) -> Notice:
    notice = notices.add(session, key=_key(size), words=NOTICES["tips"], numbered=True, now=now)
    # Visitors of the page, who are measured too, choose among the usual notices.
    notice.offered = False
    session.flush()
    return notice


def _subscribe(session: Session, notice: Notice, size: int, now: datetime) -> None:
    at = literal(now, UtcDateTime)
    row = {
        "subscriber_id": Subscriber.id,
        "notice_id": literal(notice.id),
        "state": literal("active"),
        "cadence": literal("each"),
        "cursor": literal(notice.last_seq),
        "created_at": at,
        "confirmed_at": at,
    }
    first = select(*row.values()).order_by(Subscriber.id).limit(size)
    session.execute(insert(Subscription).from_select(list(row), first, include_defaults=False))


def _key(size: int) -> str:
    return f"readers-{size}"
