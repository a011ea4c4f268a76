"""Stopping and starting again: states only, at once, however often; works when the reader is long gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from sqlalchemy.orm import Session

from newsletter_app import service_mail, subscribers
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Purpose
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import consent
from newsletter_app.subscriptions.consent import Evidence
from newsletter_app.subscriptions.queries import of_subscriber
from newsletter_app.subscriptions.rules import WHYS, can_undo, may_start
from newsletter_app.subscriptions.starting import activate, clear, resume

StopSource = Literal["one-click", "page", "choices", "staff", "mail", "complaint", "erased", "restored"]
StartSource = Literal["undo", "restart", "choices", "confirm-page", "staff"]

# Who stops in the mail program has been told so there; who stops on a page gets a way back by mail.
GOODBYE_AFTER: frozenset[StopSource] = frozenset({"page", "choices"})
GOODBYES_PER_DAY: Final = 3


@dataclass(frozen=True, slots=True)
class Stopped:
    """The notices ended now, and those that had been ended before, with when."""

    ended: tuple[int, ...] = ()
    before: dict[int, datetime] = field(default_factory=dict)


def stop(
    session: Session,
    subscriber_id: int,
    notice_ids: Iterable[int] | None,
    *,
    source: StopSource,
    evidence: Evidence | None = None,
    now: datetime,
    recorded_source: str | None = None,
    recorded_by: str | None = None,
) -> Stopped:
    """End these subscriptions (None: all of them), pending ones too, and record the withdrawal.

    The claim reads states, so what is queued and not yet handed over is stopped with it.
    """
    subscriber = subscribers.find(session, subscriber_id)
    if subscriber is None:
        return Stopped()
    rows = of_subscriber(session, subscriber_id, notice_ids, lock=True)
    before = {row.notice_id: row.ended_at for row in rows if row.state == "ended" and row.ended_at}
    running = [row for row in rows if row.state != "ended"]
    were_active = [row.notice_id for row in running if row.state == "active"]
    for row in running:
        if row.state == "pending":
            # An Undo goes on where it stood, and this one stood nowhere: it had ended before, or never began.
            clear(session, row)
        row.state, row.ended_at, row.end_reason = "ended", now, source
    session.flush()
    ended = tuple(row.notice_id for row in running)
    consent.record(
        session,
        "withdrawn",
        ended,
        subscriber_id=subscriber.id,
        address_key=subscriber.address_key,
        source=recorded_source or source,
        evidence=evidence or Evidence(language=as_language(subscriber.language)),
        recorded_by=recorded_by,
        now=now,
    )
    if source in GOODBYE_AFTER and were_active:
        _say_goodbye(session, subscriber, were_active, now)
    return Stopped(ended, before)


def say_why(session: Session, subscriber_id: int, notice_ids: Iterable[int], why: str, now: datetime) -> None:
    """Keep why somebody stopped these notices, while the stop is a day old at most; the last word counts.

    An answer that was never offered is ignored: it says nothing.
    """
    if why not in WHYS:
        return
    for row in of_subscriber(session, subscriber_id, notice_ids, lock=True):
        if can_undo(row, now):
            row.end_why = why
    session.flush()


def start_again(
    session: Session,
    subscriber_id: int,
    notice_ids: Iterable[int],
    *,
    source: StartSource,
    evidence: Evidence,
    now: datetime,
) -> tuple[int, ...]:
    """Start again what had been stopped and return the notices; the link that led here proves the address.

    Undo works for a day, and loses nothing; the goodbye mail's link works for 30 days after the stop, and
    the rest has no window: these begin with what comes out from then on.
    """
    subscriber = subscribers.find(session, subscriber_id)
    if subscriber is None:
        return ()
    rows = of_subscriber(session, subscriber_id, notice_ids, lock=True)
    may = [row.notice_id for row in rows if may_start(row, source, now)]
    begin = resume if source == "undo" else activate
    started = begin(session, subscriber_id, may, now)
    consent.record(
        session,
        "restarted",
        started,
        subscriber_id=subscriber.id,
        address_key=subscriber.address_key,
        source=source,
        evidence=evidence,
        now=now,
    )
    return started


def _say_goodbye(session: Session, subscriber: Subscriber, ended: Sequence[int], now: datetime) -> None:
    restart = LinkSpec(Purpose.RESTART, (subscriber.id, *sorted(ended)), subscriber.nonce)
    day = service_mail.local_day(session, now)
    service_mail.queue(
        session,
        "goodbye",
        address=subscriber.address,
        address_key=subscriber.address_key,
        language=as_language(subscriber.language),
        subscriber_id=subscriber.id,
        facts={"notice_ids": sorted(ended), "link": restart.to_facts()},
        # Stop, undo, stop: pressing to and fro makes one mail a day for the same notices.
        once=f"goodbye:{subscriber.id}:{day}:{'-'.join(map(str, sorted(ended)))}",
        # Nor may the many ways to choose among notices make many mails (S2).
        at_most=GOODBYES_PER_DAY,
        now=now,
    )
