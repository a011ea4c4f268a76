"""Erasing a person: every room lets go of its part in one transaction; a keyed hash and bare proof remain.

GDPR art. 17, Quebec's Law 25 s. 23. The rows of deliveries stay as numbers, so that no count changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import (
    audit,
    delivery,
    feedback,
    outbox,
    service_mail,
    subscribers,
    subscriptions,
    suppression,
)
from newsletter_app.kernel import departures
from newsletter_app.kernel.addresses import Address
from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.subscribers import Subscriber

ACTION: Final = "subscriber.erased"
REASON: Final = "erased"
STOPPED_BY: Final = "erased"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was found and went: whether there was a row, and how many rows of each kind."""

    was_subscriber: bool
    signups: int
    service_mails: int
    deliveries: int
    came_back: int


def subject_at(session: Session, address: Address, hash_key: bytes) -> DataSubject:
    """Return whose address this is: a subscriber with all their addresses, or nobody but the address."""
    found = subscribers.find_by_address(session, address, hash_key)
    if found is None:
        return DataSubject.at([address], hash_key)
    return subscribers.data_subject(session, found, hash_key)


def erase(session: Session, whose: DataSubject, *, by: str, now: datetime) -> Erased:
    """Remove a person and all that names them; ``by`` is who asked: "reader", or who of the staff heard it.

    What waits to be sent to them is not sent. Their addresses are suppressed for newsletters until they
    themselves sign up and confirm again (M42). Repeatable: a second time finds nothing more.
    """
    reader = whose.subscriber_id
    if reader is not None:
        # As whoever confirms, pauses or plans holds it: nothing of theirs is written meanwhile. But its key
        # may be pointed at: recording a delivery, which we wait for below, owes its tips to this reader.
        session.execute(select(Subscriber.id).where(Subscriber.id == reader).with_for_update(key_share=True))
        subscriptions.stop(session, reader, None, source=STOPPED_BY, now=now)
    for key in sorted(whose.keys):
        suppression.suppress(session, key, "bulk", REASON, f"by {by}", now)
        departures.note(session, departures.Act(now, key, departures.ERASED))
    found = _let_go(session, whose, now)
    audit.note(session, actor=by, action=ACTION, subject=f"subscriber:{reader or 'none'}", now=now)
    return found


def _let_go(session: Session, whose: DataSubject, now: datetime) -> Erased:
    reader = whose.subscriber_id
    came_back = feedback.erase(session, whose)
    deliveries = delivery.erase(session, reader, now) if reader is not None else []
    signups = subscriptions.erase(session, whose)
    changes = subscribers.remove(session, reader) if reader is not None else []
    # What they wrote went on to the organisation, and a question to an address they never proved.
    once = [*(f"reply:{event}" for event in came_back), *(f"address-new:{change}" for change in changes)]
    mails = service_mail.erase(session, whose, once)
    # As ``service_mail.sending`` spells them, which is loaded only where mail is sent.
    keys = [f"s:{mail}" for mail in mails]
    keys += [delivery.DELIVERIES.key(campaign, reader) for campaign in deliveries if reader is not None]
    outbox.erase(session, whose, keys)
    audit.blot(session, whose.spellings)
    return Erased(reader is not None, signups, len(mails), len(deliveries), len(came_back))
