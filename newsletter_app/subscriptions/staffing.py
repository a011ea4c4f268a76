"""Consent given or withdrawn by phone or on paper, recorded by a named person of the staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy.orm import Session

from newsletter_app import audit, subscribers, suppression
from newsletter_app.kernel.addresses import Address, address_key
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import consent
from newsletter_app.subscriptions.consent import Evidence
from newsletter_app.subscriptions.queries import of_subscriber
from newsletter_app.subscriptions.starting import activate
from newsletter_app.subscriptions.stopping import Stopped, stop
from newsletter_app.subscriptions.welcoming import WelcomeFacts, queue_welcome

# CASL lets consent be oral or written where the sender can prove it (CRTC 2012-548, s. 4).
STAFF_SOURCES: Final = ("phone", "paper")


@dataclass(frozen=True, slots=True)
class StaffAdded:
    """What came of it; ``suppressed`` and ``complained`` mean that nothing was added."""

    code: Literal["added", "nothing-new", "suppressed", "complained"]
    subscriber_id: int | None = None
    notice_ids: tuple[int, ...] = ()


def add_by_staff(
    session: Session,
    address: Address,
    notice_ids: Iterable[int],
    language: Language,
    *,
    source: str,
    by: str,
    wording: str,
    hash_key: bytes,
    now: datetime,
    welcome: WelcomeFacts | None = None,
) -> StaffAdded:
    """Subscribe somebody who said so by phone or on paper: active at once, with a welcome mail.

    Raises Breach for another source or a missing name.
    """
    _check(source, by)
    key = address_key(hash_key, address)
    blocked = suppression.is_suppressed(session, key, "bulk")
    if blocked is not None and blocked.reason not in suppression.LIFTED_BY_CONFIRMING:
        return StaffAdded("complained" if blocked.reason == "complaint" else "suppressed")
    subscriber = _reader_of(session, address, language, hash_key, now)
    started = activate(session, subscriber.id, notice_ids, now)
    if not started:
        return StaffAdded("nothing-new", subscriber.id)
    subscribers.try_again(session, subscriber)
    consent.record(
        session, "added", started, subscriber_id=subscriber.id, address_key=key, source=source,
        evidence=Evidence(language=language, wording=wording), recorded_by=by, now=now,
    )  # fmt: skip
    audit.note(
        session, actor=by, action="subscriber.added", subject=f"subscriber:{subscriber.id}",
        details={"source": source, "notice_ids": list(started)}, now=now,
    )  # fmt: skip
    once = f"welcome-staff:{subscriber.id}:{now.isoformat()}"
    queue_welcome(session, subscriber, started, welcome=welcome or WelcomeFacts(), once=once, now=now)
    return StaffAdded("added", subscriber.id, started)


def _reader_of(
    session: Session, address: Address, language: Language, hash_key: bytes, now: datetime
) -> Subscriber:
    """Return whose address it is, made if nobody's; the language stays where mails go out already."""
    subscriber = subscribers.find_by_key(session, address_key(hash_key, address))
    if subscriber is None:
        subscriber = subscribers.create(session, address, language, hash_key, now)
    if not of_subscriber(session, subscriber.id):
        subscriber.language = language
    return subscriber


def stop_by_staff(
    session: Session,
    address: Address,
    notice_ids: Iterable[int] | None = None,
    *,
    source: str,
    by: str,
    hash_key: bytes,
    now: datetime,
) -> Stopped | None:
    """Stop for somebody who said so by phone or on paper; None when the address is not known.

    Raises Breach for another source or a missing name.
    """
    _check(source, by)
    subscriber = subscribers.find_by_address(session, address, hash_key)
    if subscriber is None:
        return None
    stopped = stop(
        session, subscriber.id, notice_ids, source="staff", now=now, recorded_source=source, recorded_by=by
    )
    audit.note(
        session, actor=by, action="subscriber.stopped", subject=f"subscriber:{subscriber.id}",
        details={"source": source, "notice_ids": list(stopped.ended)}, now=now,
    )  # fmt: skip
    return stopped


def _check(source: str, by: str) -> None:
    if source not in STAFF_SOURCES:
        raise Breach("source-unknown", source=source)
    if not by.strip():
        raise Breach("by-missing")
