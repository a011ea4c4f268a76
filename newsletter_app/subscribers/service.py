"""Finding and making subscribers, and the preferences that are theirs alone; never looks at notices."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from newsletter_app import suppression
from newsletter_app.kernel.addresses import Address, address_key
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
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


def try_again(session: Session, subscriber: Subscriber) -> bool:
    """Write again to an address whose mail came back, because its owner says it is right (M42).

    A complaint stays suppressed. Tell whether anything stood in the way.
    """
    stood = subscriber.returned_at is not None
    subscriber.returned_at = None
    lifted = suppression.lift_by_confirming(session, subscriber.address_key)
    session.flush()
    return stood or lifted
