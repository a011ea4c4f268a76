"""Who a subscriber is, with the addresses they had before, and the removal of their row; it stops no mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.addresses import Address, address_key, parse_address
from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.subscribers.models import AddressChange, Subscriber
from newsletter_app.subscribers.service import find_by_key


def data_subject(session: Session, subscriber: Subscriber, hash_key: bytes) -> DataSubject:
    """Return a subscriber with their present address and the former ones that are nobody else's by now."""
    present = parse_address(subscriber.address)
    former = [each for each in _former(session, subscriber) if _is_free(session, each, hash_key)]
    return DataSubject.at([present, *former], hash_key, subscriber.id)


def remove(session: Session, subscriber_id: int) -> list[int]:
    """Delete a subscriber with all that hangs on the row; return the ids of their changes of address."""
    mine = select(AddressChange.id).where(AddressChange.subscriber_id == subscriber_id)
    changes = list(session.scalars(mine))
    session.execute(delete(AddressChange).where(AddressChange.id.in_(changes)))
    session.execute(delete(Subscriber).where(Subscriber.id == subscriber_id))
    return changes


def _former(session: Session, subscriber: Subscriber) -> list[Address]:
    """Return where they were written to before. What they only typed, they never proved to be theirs."""
    proven = select(AddressChange.old_address).where(
        AddressChange.subscriber_id == subscriber.id, AddressChange.confirmed_at.is_not(None)
    )
    return [parse_address(text) for text in session.scalars(proven.distinct())]


def _is_free(session: Session, address: Address, hash_key: bytes) -> bool:
    return find_by_key(session, address_key(hash_key, address)) is None


def forget_changes(session: Session, before: datetime, limit: int) -> int:
    """Delete changes of address asked for before a moment; return how many."""
    old = select(AddressChange.id).where(AddressChange.created_at < before).limit(limit)
    gone = delete(AddressChange).where(AddressChange.id.in_(old)).returning(AddressChange.id)
    return len(session.scalars(gone).all())
