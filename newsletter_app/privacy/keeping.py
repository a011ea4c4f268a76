"""Letting go of what was kept long enough, class by class and some hundred rows a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app import delivery, feedback, outbox, preflight, service_mail, subscribers, subscriptions
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.privacy import rules

AT_ONCE: Final = 500
Forget = Callable[[Session, datetime], int]


def let_go(
    unit_of_work: UnitOfWork, *, hash_key: bytes, now: datetime, stop: Callable[[], bool]
) -> dict[str, int]:
    """Let go of everything whose time is over; return how many of each class went, without those of none.

    Repeatable, and broken off between two transactions when ``stop`` says so: the next night goes on.
    """
    gone = {}
    for name, (kept, forget) in _classes(hash_key, now).items():
        count = 0
        while not stop():
            with unit_of_work() as session:
                last = forget(session, now - kept)
            count += last
            if last < AT_ONCE:
                break
        gone[name] = count
    gone["came_back"] = feedback.tidy(unit_of_work, now, stop)
    return {name: count for name, count in gone.items() if count}


def _classes(hash_key: bytes, now: datetime) -> Mapping[str, tuple[timedelta, Forget]]:
    """Return what is let go of, in this order: people first, so that their forms lead to nobody."""

    def unconfirmed(session: Session, before: datetime) -> int:
        found = subscriptions.never_confirmed(session, before, AT_ONCE)
        return _forget_people(session, found, hash_key, now)

    def left(session: Session, before: datetime) -> int:
        return _forget_people(session, subscriptions.gone_since(session, before, AT_ONCE), hash_key, now)

    return {
        "unconfirmed": (rules.UNCONFIRMED, unconfirmed),
        "left": (rules.PROOF, left),
        "forms": (rules.UNCONFIRMED, lambda session, at: subscriptions.forget_forms(session, at, AT_ONCE)),
        "evidence": (rules.PROOF, lambda session, at: subscriptions.forget_evidence(session, at, AT_ONCE)),
        "address_changes": (
            rules.ADDRESS_CHANGES,
            lambda session, at: subscribers.forget_changes(session, at, AT_ONCE),
        ),
        "service_mails": (rules.MAILS, lambda session, at: service_mail.forget(session, at, AT_ONCE)),
        "outbox": (rules.MAILS, lambda session, at: outbox.forget(session, at, AT_ONCE)),
        "link_tries": (
            preflight.TRY_COUNTS,
            lambda session, at: preflight.forget_tries(session, at, AT_ONCE),
        ),
        "campaigns": (rules.PROOF, lambda session, at: len(delivery.retire(session, at))),
    }


def _forget_people(session: Session, ids: Sequence[int], hash_key: bytes, now: datetime) -> int:
    """Remove people whose time is over. They may sign up again as anybody may."""
    for subscriber_id in ids:
        reader = subscribers.find(session, subscriber_id)
        if reader is not None:
            whose = subscribers.data_subject(session, reader, hash_key)
            feedback.let_go_of(session, subscriber_id)
            delivery.erase(session, subscriber_id, now)
            subscriptions.erase(session, whose)
            service_mail.erase(session, whose)
            outbox.erase(session, whose)
            subscribers.remove(session, subscriber_id)
    return len(ids)
