"""When a reader's next mail comes, by the rules that plan it; it asks for one reader and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from newsletter_app import subscribers, subscriptions
from newsletter_app.campaigns import (
    ANY_CADENCE,
    DIGESTS,
    Cadence,
    Campaign,
    CampaignNotice,
    EditionItem,
    Slot,
    cut_off_at,
    day_after,
    due_from,
    due_on,
    occurrence,
    slot_of,
    upcoming_day,
)
from newsletter_app.delivery import Delivery
from newsletter_app.ledger import State
from newsletter_app.planning.columns import columns_of
from newsletter_app.planning.pivot import Slice, situations
from newsletter_app.planning.rules import unseen
from newsletter_app.planning.timing import wish
from newsletter_app.subscribers import Subscriber
from newsletter_app.tips import Publication

# So many days back an occurrence that is over may bear the name of one still to come: a month's day moved.
A_MONTH = timedelta(days=31)


def next_mail_at(session: Session, subscriber_id: int, now: datetime) -> datetime | None:
    """Return when this reader's next mail is due as far as it is known, or None while nothing is to come.

    What is planned already; each tip that is scheduled; and the next weekly and monthly mail for which there
    is something they have not had. Nothing unseen is no mail, so that a cadence alone promises none.
    """
    reader = subscribers.find(session, subscriber_id)
    if reader is None:
        return None
    found = [*_planned(session, reader), *_each(session, reader, now)]
    for cadence in DIGESTS:
        found += _digest(session, reader, cadence, now)
    return min(found, default=None)


def _read_in(session: Session, reader: Subscriber, cadence: str) -> list[int]:
    """Return the notices that somebody reads in a cadence."""
    theirs = [row for row in subscriptions.of_subscriber(session, reader.id) if row.state == "active"]
    return [row.notice_id for row in theirs if cadence in (row.cadence, ANY_CADENCE)]


def _planned(session: Session, reader: Subscriber) -> Iterator[datetime]:
    """Yield the due times of mails that wait for this reader and that a claim would not refuse."""
    waiting = (
        select(Delivery.due_at, Delivery.edition_id, Campaign.cadence)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(
            Delivery.subscriber_id == reader.id,
            Delivery.state.in_([State.queued, State.deferred]),
            Campaign.state.in_(["planning", "sending"]),
        )
    )
    for due_at, edition_id, cadence in session.execute(waiting):
        is_paused = reader.paused_until is not None and reader.paused_until > due_at
        still_read = _read_in(session, reader, cadence)
        if not is_paused and _notices_in(session, edition_id).issubset(still_read):
            yield due_at


def _notices_in(session: Session, edition_id: int) -> set[int]:
    held = (
        select(Publication.notice_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .where(EditionItem.edition_id == edition_id)
    )
    return set(session.scalars(held))


def _each(session: Session, reader: Subscriber, now: datetime) -> Iterator[datetime]:
    """Yield when each scheduled tip of the reader's notices comes to them."""
    slot, theirs = slot_of(session, "each"), wish(reader.time_zone, reader.hour)
    for launched_at in _scheduled(session, _read_in(session, reader, "each"), reader, now):
        yield due_from(launched_at, slot, theirs)


def _scheduled(
    session: Session, notice_ids: Sequence[int], reader: Subscriber, now: datetime
) -> list[datetime]:
    """Return when tips are to come out in these notices, once the reader's pause is over, in order."""
    since = max(now, reader.paused_until or now)
    coming = (
        select(Campaign.due_at)
        .join(CampaignNotice, CampaignNotice.campaign_id == Campaign.id)
        .where(
            Campaign.state == "scheduled",
            Campaign.day.is_(None),
            CampaignNotice.notice_id.in_(notice_ids),
            Campaign.due_at > now,
            Campaign.due_at >= since,
        )
        .order_by(Campaign.due_at)
    )
    return list(session.scalars(coming))


def _digest(session: Session, reader: Subscriber, cadence: Cadence, now: datetime) -> Iterator[datetime]:
    """Yield when the first weekly or monthly mail comes that has something for the reader."""
    notice_ids = _read_in(session, reader, cadence)
    if not notice_ids:
        return
    slot = slot_of(session, cadence)
    if _has_unseen(session, reader, cadence, slot, now):
        ready_at = now
    elif scheduled := _scheduled(session, notice_ids, reader, now):
        ready_at = scheduled[0]
    else:
        return
    day = _day(session, reader, cadence, slot, ready_at, now)
    yield due_on(day, slot, wish(reader.time_zone, reader.hour))


def _has_unseen(session: Session, reader: Subscriber, cadence: Cadence, slot: Slot, now: datetime) -> bool:
    """Whether planning would find something for this reader; what a pause lets pass is offered instead."""
    if reader.paused_until is not None:
        return False
    notice_ids = tuple(sorted(_read_in(session, reader, cadence)))
    alone = Slice(0, cadence, notice_ids, reader.id - 1, reader.id, now, slot)
    columns, tips = columns_of(session, alone)
    rows = session.execute(situations(alone, columns))
    return any(unseen(columns.situation(row[2:]), columns.streams, tips) for row in rows)


def _day(
    session: Session, reader: Subscriber, cadence: Cadence, slot: Slot, ready_at: datetime, now: datetime
) -> date:
    """Return the first day whose mail is settled when the content is there, and is still to be launched."""
    day = upcoming_day(now, cadence, slot, reader.weekday)
    over = (
        select(Campaign.occurrence)
        .where(Campaign.cadence == cadence, Campaign.day >= day - A_MONTH)
        .where(or_(Campaign.state != "scheduled", Campaign.started_at.is_not(None)))
    )
    taken = set(session.scalars(over))
    weekday = slot.weekday if reader.weekday is None else reader.weekday
    while cut_off_at(day) < ready_at or occurrence(cadence, day) in taken:
        day = day_after(day, cadence, weekday=weekday, day_of_month=slot.day_of_month)
    return day
