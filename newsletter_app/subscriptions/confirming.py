"""Confirming a signup: one press makes its notices active; a second press changes nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app import subscribers
from newsletter_app.kernel.addresses import mask, parse_address
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import consent
from newsletter_app.subscriptions.consent import Evidence
from newsletter_app.subscriptions.models import Signup
from newsletter_app.subscriptions.queries import of_subscriber
from newsletter_app.subscriptions.rules import ConfirmState, confirm_state
from newsletter_app.subscriptions.starting import activate
from newsletter_app.subscriptions.welcoming import WelcomeFacts, queue_welcome


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """What the confirm page shows; ``stopped_at`` only with the state "stopped"."""

    state: ConfirmState
    notice_ids: tuple[int, ...]
    masked_address: str
    stopped_at: datetime | None = None
    subscriber_id: int | None = None


def confirm_page(session: Session, signup: Signup, now: datetime) -> ConfirmView:
    """Return what pressing the button would do; nothing is changed."""
    asked = tuple(signup.notice_ids)
    reader = _reader(session, signup)
    rows = of_subscriber(session, reader.id, asked) if reader else []
    state = confirm_state(rows, created_at=signup.created_at, confirmed_at=signup.confirmed_at, now=now)
    stopped = [row.ended_at for row in rows if row.ended_at is not None] if state == "stopped" else []
    return ConfirmView(
        state, asked, mask(signup.address), max(stopped) if stopped else None, reader.id if reader else None
    )


def confirm(
    session: Session,
    signup: Signup,
    *,
    welcome: WelcomeFacts,
    evidence: Evidence,
    now: datetime,
) -> ConfirmView:
    """Confirm what the signup asked for, record it, and queue one welcome mail; return the page to show.

    Works once per signup, held by a guarded UPDATE. A link that is too old, or whose notices were
    stopped since, does nothing.
    """
    subscriber = _locked_subscriber(session, signup)
    session.refresh(signup)
    if subscriber is not None:
        # A stop in the same moment must be seen before it is judged, or it would be overruled.
        of_subscriber(session, subscriber.id, signup.notice_ids, lock=True)
    view = confirm_page(session, signup, now)
    if view.state != "ready" or subscriber is None:
        return view
    guard = update(Signup).where(Signup.id == signup.id, Signup.confirmed_at.is_(None))
    if session.execute(guard.values(confirmed_at=now).returning(Signup.id)).first() is not None:
        session.refresh(signup)
        _start(session, signup, subscriber, welcome, evidence, now)
    return confirm_page(session, signup, now)


def _reader(session: Session, signup: Signup) -> Subscriber | None:
    """Return whose signup it is, unless they are gone or have moved to another address since.

    Who still reads the old mailbox must not choose for somebody who left it.
    """
    found = subscribers.find(session, signup.subscriber_id) if signup.subscriber_id else None
    if found is None:
        return None
    is_theirs = parse_address(found.address).canonical == parse_address(signup.address).canonical
    return found if is_theirs else None


def _locked_subscriber(session: Session, signup: Signup) -> Subscriber | None:
    # The subscriber first, then the signup: deciding takes them in this order too.
    if signup.subscriber_id is None:
        return None
    mine = select(Subscriber).where(Subscriber.id == signup.subscriber_id).with_for_update(key_share=True)
    return session.scalar(mine.execution_options(populate_existing=True))


def _start(
    session: Session,
    signup: Signup,
    subscriber: Subscriber,
    welcome: WelcomeFacts,
    evidence: Evidence,
    now: datetime,
) -> None:
    asked = [row.notice_id for row in of_subscriber(session, subscriber.id, signup.notice_ids)]
    if not any(row.state == "active" for row in of_subscriber(session, subscriber.id)):
        subscriber.language = signup.language
    started = activate(session, subscriber.id, asked, now)
    subscribers.try_again(session, subscriber)
    joined = update(Signup).where(Signup.again_of == signup.id, Signup.kind == "subscribe")
    session.execute(joined.values(confirmed_at=now))
    consent.record(
        session,
        "confirmed",
        started,
        subscriber_id=subscriber.id,
        address_key=subscriber.address_key,
        source="web",
        evidence=evidence,
        signup_id=signup.id,
        now=now,
    )
    if started:
        queue_welcome(session, subscriber, started, welcome=welcome, once=f"welcome:{signup.id}", now=now)
