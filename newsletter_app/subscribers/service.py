"""Finding and making subscribers, and the preferences that are theirs alone; never looks at notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from newsletter_app import suppression
from newsletter_app.kernel.addresses import Address, address_key
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.kernel.local_time import is_zone
from newsletter_app.subscribers.models import Subscriber

LAYOUTS: Final = ("standard", "large", "text")
NAME_LENGTH: Final = 80


def find(session: Session, subscriber_id: int) -> Subscriber | None:
    """Return the subscriber with this id, or None."""
    return session.get(Subscriber, subscriber_id)


def find_by_key(session: Session, key: str) -> Subscriber | None:
    """Return the subscriber with this address key, or None."""
    return session.scalar(select(Subscriber).where(Subscriber.address_key == key))


def find_by_address(session: Session, address: Address, hash_key: bytes) -> Subscriber | None:
    """Return the subscriber with this address, whatever the case it is written in, or None."""
    return find_by_key(session, address_key(hash_key, address))


def create(
    session: Session, address: Address, language: Language, hash_key: bytes, now: datetime
) -> Subscriber:
    """Return a new subscriber, or the one whom another worker made in the same moment."""
    subscriber = Subscriber(
        address=str(address),
        address_key=address_key(hash_key, address),
        domain=address.domain,
        language=language,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(subscriber)
    except IntegrityError:
        return session.scalars(
            select(Subscriber).where(Subscriber.address_key == address_key(hash_key, address))
        ).one()
    return subscriber


def set_name(session: Session, subscriber: Subscriber, name: str) -> None:
    """Set the name for greetings: one line, at most 80 characters; blank takes it away."""
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    subscriber.name = " ".join(printable.split())[:NAME_LENGTH].strip()
    session.flush()


def set_language(session: Session, subscriber: Subscriber, language: str) -> None:
    """Set the language of everything we write. Raises Breach for one we do not have."""
    if language not in LANGUAGES:
        raise Breach("language-unknown", language=language)
    subscriber.language = language
    session.flush()


def set_layout(session: Session, subscriber: Subscriber, layout: str) -> None:
    """Set how tips look: standard, large (print) or text (only). Raises Breach for anything else."""
    if layout not in LAYOUTS:
        raise Breach("layout-unknown", layout=layout)
    subscriber.layout = layout
    session.flush()


def set_wish(
    session: Session, subscriber: Subscriber, *, weekday: int | None, hour: int | None, time_zone: str | None
) -> None:
    """Set when a reader wants their mail; None leaves it to the organisation. Mail that is planned stays so.

    Raises Breach ``wish-unreadable`` for what is no weekday (0–6), hour (0–23) or zone.
    """
    for name, value, known in (("weekday", weekday, range(7)), ("hour", hour, range(24))):
        if value is not None and value not in known:
            raise Breach("wish-unreadable", name=name)
    if time_zone is not None and not is_zone(time_zone):
        raise Breach("wish-unreadable", name="time_zone")
    subscriber.weekday, subscriber.hour, subscriber.time_zone = weekday, hour, time_zone
    session.flush()


def pause(session: Session, subscriber: Subscriber, until: datetime) -> None:
    """Send nothing before ``until``: neither plan it, nor claim what is planned already."""
    subscriber.paused_until = until
    session.flush()


def paused_out(session: Session, now: datetime, limit: int) -> list[int]:
    """Hold and return up to ``limit`` subscribers whose pause is over and was not ended yet.

    Who is held by another who ends it is waited for: passed over, they would pause for whoever plans next.
    """
    # In the order of its index: by their ids, SQLite walks through everybody. All in one, so that nobody
    # waits for each other.
    in_order = Subscriber.paused_until, Subscriber.id
    over = select(Subscriber.id).where(Subscriber.paused_until <= now).order_by(*in_order)
    return list(session.scalars(over.limit(limit).with_for_update(key_share=True)))


def end_pauses(session: Session, subscriber_ids: Sequence[int]) -> None:
    """Note that these pauses are over; ``subscriptions`` has settled what came out meanwhile."""
    ended = update(Subscriber).where(Subscriber.id.in_(subscriber_ids)).values(paused_until=None)
    session.execute(ended)


def try_again(session: Session, subscriber: Subscriber) -> bool:
    """Write again to an address whose mail came back, because its owner says it is right (M42).

    A complaint stays suppressed. Tell whether anything stood in the way.
    """
    stood = subscriber.returned_at is not None
    subscriber.returned_at = None
    lifted = suppression.lift_by_confirming(session, subscriber.address_key)
    session.flush()
    return stood or lifted
