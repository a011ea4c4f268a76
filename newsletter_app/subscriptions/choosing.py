"""Choosing notices on the choices page: the link proves the address, so what is added is active at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import notices, subscribers
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import consent
from newsletter_app.subscriptions.consent import Act, Evidence
from newsletter_app.subscriptions.queries import of_subscriber
from newsletter_app.subscriptions.starting import activate
from newsletter_app.subscriptions.stopping import stop


@dataclass(frozen=True, slots=True)
class Chosen:
    """The notices that were added and those that were ended."""

    added: tuple[int, ...]
    ended: tuple[int, ...]


def choose(
    session: Session,
    subscriber: Subscriber,
    notice_ids: Iterable[int],
    *,
    evidence: Evidence,
    now: datetime,
) -> Chosen:
    """Make exactly these notices the reader's own; a notice that is offered no more cannot be added."""
    offered = {notice.id for notice in notices.offered(session)}
    wanted = set(notice_ids)
    rows = of_subscriber(session, subscriber.id, lock=True)
    running = {row.notice_id for row in rows if row.state != "ended"}
    had_before = {row.notice_id for row in rows if row.confirmed_at is not None}
    added = activate(session, subscriber.id, wanted & offered, now)
    for act, acted in _acts(added, had_before):
        consent.record(
            session,
            act,
            acted,
            subscriber_id=subscriber.id,
            address_key=subscriber.address_key,
            source="choices",
            evidence=evidence,
            now=now,
        )
    if added:
        subscribers.try_again(session, subscriber)
    dropped = running - wanted
    ended = (
        stop(session, subscriber.id, dropped, source="choices", evidence=evidence, now=now).ended
        if dropped
        else ()
    )
    return Chosen(added, ended)


def _acts(added: Iterable[int], had_before: set[int]) -> tuple[tuple[Act, list[int]], ...]:
    chosen = list(added)
    return (
        ("confirmed", [notice_id for notice_id in chosen if notice_id not in had_before]),
        ("restarted", [notice_id for notice_id in chosen if notice_id in had_before]),
    )
