"""Changing the address: confirmed at the new one, refused or undone from the old one; nobody is taken over.

An address that is somebody's already is never moved. Whoever asked is answered alike (S9); the mail to
that address says that it is known here and how to subscribe with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from newsletter_app import service_mail, suppression
from newsletter_app.kernel.addresses import Address, address_key, mask, parse_address
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Purpose
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscribers.models import AddressChange, Subscriber, new_nonce
from newsletter_app.subscribers.rules import ASKS_PER_DAY, change_state, keep_state
from newsletter_app.subscribers.service import find_by_key

ConfirmCode = Literal["done", "taken", "too-old", "ended", "unknown"]
KeepCode = Literal["refused", "undone", "taken", "too-old", "unknown"]


@dataclass(frozen=True, slots=True)
class AddressAsked:
    """The answer to whoever asked; it never tells whether the new address is known here."""

    code: Literal["asked", "same", "too-many"]
    change_id: int | None = None


def find_change(session: Session, change_id: int) -> AddressChange | None:
    """Return the change with this id, or None."""
    return session.get(AddressChange, change_id)


def changed_address_since(session: Session, subscriber_id: int, at: datetime) -> bool:
    """Whether what was written to this reader by ``at`` went to an address that is no longer theirs."""
    later = select(AddressChange.id).where(
        AddressChange.subscriber_id == subscriber_id,
        or_(AddressChange.confirmed_at > at, AddressChange.ended_at > at),
        AddressChange.confirmed_at.is_not(None),
    )
    return session.scalar(later.limit(1)) is not None


def ask_address_change(
    session: Session, subscriber: Subscriber, new: Address, *, hash_key: bytes, now: datetime
) -> AddressAsked:
    """Note the wish and write to both addresses; an earlier wish that still waits is replaced.

    ``same``: it is the address on file already. ``too-many``: three a day are enough for slips of
    the hand, and more would let one reader have us write to many strangers.
    """
    key = address_key(hash_key, new)
    if key == subscriber.address_key:
        return AddressAsked("same")
    _lock(session, subscriber)
    if _asked_since(session, subscriber, now - timedelta(days=1)) >= ASKS_PER_DAY:
        return AddressAsked("too-many")
    _end_waiting(session, subscriber, now)
    taken = find_by_key(session, key) is not None
    change = AddressChange(
        subscriber_id=subscriber.id,
        old_address=subscriber.address,
        new_address=str(new),
        nonce=new_nonce(),
        created_at=now,
    )
    session.add(change)
    session.flush()
    _write_to_new(session, subscriber, change, key, taken=taken, now=now)
    _write_to_old(session, subscriber, change, subscriber.address_key, after=False, now=now)
    return AddressAsked("asked", change.id)


def confirm_address_change(
    session: Session, change_id: int, *, hash_key: bytes, now: datetime
) -> ConfirmCode:
    """Write to the new address from now on; every link made for the old one is revoked. Repeatable."""
    change = find_change(session, change_id)
    if change is None:
        return "unknown"
    _lock(session, session.get_one(Subscriber, change.subscriber_id))
    session.refresh(change)
    state = change_state(change, now)
    if state != "ready":
        return state
    subscriber = session.get_one(Subscriber, change.subscriber_id)
    old_key = subscriber.address_key
    if not _move(session, subscriber, change.new_address, hash_key):
        return "taken"
    change.state, change.confirmed_at = "confirmed", now
    suppression.lift_by_confirming(session, subscriber.address_key)
    session.flush()
    _write_to_old(session, subscriber, change, old_key, after=True, now=now)
    return "done"


def keep_address(session: Session, change_id: int, *, hash_key: bytes, now: datetime) -> KeepCode:
    """Refuse a change that waits, or take back one that was made in the last 30 days. Repeatable.

    Later changes fall with it: else whoever took the address away could move on and keep it.
    """
    change = find_change(session, change_id)
    if change is None:
        return "unknown"
    subscriber = session.get_one(Subscriber, change.subscriber_id)
    _lock(session, subscriber)
    session.refresh(change)
    state = keep_state(change, now)
    if state == "can-refuse":
        change.state, change.ended_at = "refused", now
        session.flush()
        return "refused"
    if state != "can-undo":
        return state
    if not _move(session, subscriber, change.old_address, hash_key):
        return "taken"
    _end_from(session, change, now)
    return "undone"


def _lock(session: Session, subscriber: Subscriber) -> None:
    session.execute(
        select(Subscriber.id).where(Subscriber.id == subscriber.id).with_for_update(key_share=True)
    )
    session.refresh(subscriber)


def _asked_since(session: Session, subscriber: Subscriber, since: datetime) -> int:
    mine = select(func.count()).where(
        AddressChange.subscriber_id == subscriber.id, AddressChange.created_at > since
    )
    return session.scalar(mine) or 0


def _end_waiting(session: Session, subscriber: Subscriber, now: datetime) -> None:
    session.execute(
        update(AddressChange)
        .where(AddressChange.subscriber_id == subscriber.id, AddressChange.state == "asked")
        .values(state="replaced", ended_at=now)
    )


def _end_from(session: Session, change: AddressChange, now: datetime) -> None:
    session.execute(
        update(AddressChange)
        .where(AddressChange.subscriber_id == change.subscriber_id, AddressChange.id >= change.id)
        .where(AddressChange.state.in_(("asked", "confirmed")))
        .values(state="undone", ended_at=now)
    )


def _move(session: Session, subscriber: Subscriber, to: str, hash_key: bytes) -> bool:
    """Put the subscriber on address ``to``, or tell that it is somebody else's by now."""
    address = parse_address(to)
    try:
        with session.begin_nested():
            subscriber.address, subscriber.domain = str(address), address.domain
            subscriber.address_key = address_key(hash_key, address)
            subscriber.former_nonce, subscriber.nonce = subscriber.nonce, new_nonce()
            subscriber.returned_at = None
    except IntegrityError:
        session.refresh(subscriber)
        return False
    return True


def _write_to_new(
    session: Session, subscriber: Subscriber, change: AddressChange, key: str, *, taken: bool, now: datetime
) -> None:
    link = LinkSpec(Purpose.ADDRESS_CONFIRM, (change.id,), change.nonce)
    service_mail.queue(
        session,
        "address",
        address=change.new_address,
        address_key=key,
        language=as_language(subscriber.language),
        facts={"variant": "taken"} if taken else {"variant": "new", "link": link.to_facts()},
        once=f"address-new:{change.id}",
        # However many readers name it: whoever has several addresses must not flood another's (S2).
        at_most=ASKS_PER_DAY,
        now=now,
    )


def _write_to_old(
    session: Session, subscriber: Subscriber, change: AddressChange, key: str, *, after: bool, now: datetime
) -> None:
    variant = "old-after" if after else "old-before"
    link = LinkSpec(Purpose.ADDRESS_KEEP, (change.id,), change.nonce)
    service_mail.queue(
        session,
        "address",
        address=change.old_address,
        address_key=key,
        language=as_language(subscriber.language),
        subscriber_id=subscriber.id,
        facts={"variant": variant, "masked": mask(change.new_address), "link": link.to_facts()},
        once=f"{variant}:{change.id}",
        now=now,
    )
