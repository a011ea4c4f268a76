"""Readers by the thousand, written straight into the tables as confirmed sign-ups would leave them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text

from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from tests.journeys.house import Organised

DOMAIN = "example.ca"


def add_readers(
    house: Organised, count: int, notice: str = "tips", domains: Sequence[str] = (DOMAIN,)
) -> None:
    """Add ``count`` active readers of a notice, at these domains in turn, every third in French."""
    with house.ports() as ports, ports.unit_of_work() as session:
        now, hash_key = ports.clock(), ports.settings.hash_key
        last = session.scalar(select(func.coalesce(func.max(Subscriber.id), 0)))
        people = [
            _subscriber(hash_key, f"{notice}-{each}@{domains[each % len(domains)]}", each, now)
            for each in range(count)
        ]
        session.execute(insert(Subscriber), people)
        added = session.scalars(select(Subscriber.id).where(Subscriber.id > last)).all()
        notice_id, head = session.execute(
            select(Notice.id, Notice.last_seq).where(Notice.key == notice)
        ).one()
        session.execute(insert(Subscription), [_subscription(id_, notice_id, head, now) for id_ in added])
        if ports.engine.dialect.name == "postgresql":
            # It would do so by itself within a minute; until then it plans for empty tables.
            session.execute(text("ANALYZE"))


def _subscriber(hash_key: bytes, typed: str, number: int, now: datetime) -> dict[str, Any]:
    address = parse_address(typed)
    return {
        "address": str(address),
        "address_key": address_key(hash_key, address),
        "domain": address.domain,
        "language": "en" if number % 3 else "fr",
        "created_at": now,
    }


def _subscription(subscriber_id: int, notice_id: int, head: int, now: datetime) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber_id,
        "notice_id": notice_id,
        "state": "active",
        "cadence": "each",
        "cursor": head,
        "created_at": now,
        "confirmed_at": now,
    }
