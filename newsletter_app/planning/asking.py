"""When a reader's next mail comes, by the rules that plan it; it asks for one reader and changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import subscribers, subscriptions
from newsletter_app.campaigns import (
    ANY_CADENCE,
    DIGESTS,
    SERIES,
    Cadence,
    Campaign,
    EditionItem,
    Slot,
    as_cadence,
    cut_off_at,
    day_after,
    due_from,
    due_on,
    occurrence,
    slot_of,
    stored_wish,
    upcoming_day,
)
from newsletter_app.delivery import Delivery
from newsletter_app.ledger import State
from newsletter_app.planning.asking_turns import turns_to_come
from newsletter_app.planning.columns import columns_of
from newsletter_app.planning.coming import over, scheduled
from newsletter_app.planning.pivot import Slice, situations
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from newsletter_app.tips import Publication

# So many days back an occurrence that is over may bear the name of one still to come: a month's day moved.
A_MONTH = timedelta(days=31)


def next_mail_at(session: Session, subscriber_id: int, now: datetime) -> datetime | None:
    """Return when this reader's next mail is due as far as it is known, or None while nothing is to come.

    What is planned already; each tip that is scheduled; the next tip of a series; and the next weekly and
    monthly mail for which there is something they have not had. Nothing unseen is no mail, so that a cadence
    alone promises none.
    """
    reader = subscribers.find(session, subscriber_id)
    if reader is None:
        return None
    turns = list(turns_to_come(session, reader, now))
    # Who reads a series alone to its end gets new tips as they come from then on.
    joining = {turn.notice_id for turn in turns if turn.due_at is None}
    found = [turn.due_at for turn in turns if turn.due_at is not None]
    found += [*_planned(session, reader), *_each(session, reader, joining, now)]
    for cadence in DIGESTS:
        found += _digest(session, reader, cadence, joining, now)
    return min(found, default=None)


def _read_in(session: Session, reader: Subscriber, cadence: Cadence) -> list[Subscription]:
    """Return the active subscriptions in a cadence, those that wait for the end of a series too."""
    theirs = subscriptions.of_subscriber(session, reader.id)
    return [row for row in theirs if (row.state, row.cadence) == ("active", cadence)]


def _live_in(session: Session, reader: Subscriber, cadence: Cadence) -> list[int]:
    """Return the notices whose tips come to a reader in a cadence now."""
    return [row.notice_id for row in _read_in(session, reader, cadence) if row.live]


def _may_go(session: Session, reader: Subscriber, cadence: str) -> list[int]:
    """Return the notices of which a claim lets a mail of this cadence go; of any, all that are read."""
    rows = {row.id: row for row in subscriptions.of_subscriber(session, reader.id) if row.state == "active"}
    if cadence == ANY_CADENCE:
        return [row.notice_id for row in rows.values()]
    if cadence != SERIES:
        return _live_in(session, reader, as_cadence(cadence))
    return [rows[id_].notice_id for id_ in subscriptions.series_of(session, rows)]


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
        still_read = _may_go(session, reader, cadence)
        if not is_paused and _notices_in(session, edition_id).issubset(still_read):
            yield due_at


def _notices_in(session: Session, edition_id: int) -> set[int]:
    held = (
        select(Publication.notice_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .where(EditionItem.edition_id == edition_id)
    )
    return set(session.scalars(held))


def _each(
    session: Session, reader: Subscriber, joining: Collection[int], now: datetime
) -> Iterator[datetime]:
    """Yield when each scheduled tip of the reader's notices comes to them."""
    slot, theirs = slot_of(session, "each"), stored_wish(reader.time_zone, reader.hour)
    for launched_at in _scheduled(session, reader, "each", joining, now):
        yield due_from(launched_at, slot, theirs)


def _scheduled(
    session: Session, reader: Subscriber, cadence: Cadence, joining: Collection[int], now: datetime
) -> list[datetime]:
    """Return when tips that a reader gets in a cadence come out, once their pause is over, in order."""
    since = max(now, reader.paused_until or now)
    rows = _read_in(session, reader, cadence)
    live = [row.notice_id for row in rows if row.live or row.notice_id in joining]
    return scheduled(session, live, after=now, since=since)


def _digest(
    session: Session, reader: Subscriber, cadence: Cadence, joining: Collection[int], now: datetime
) -> Iterator[datetime]:
    """Yield when the first weekly or monthly mail comes that has something for the reader."""
    slot = slot_of(session, cadence)
    if _has_unseen(session, reader, cadence, slot, now):
        ready_at = now
    elif coming := _scheduled(session, reader, cadence, joining, now):
        ready_at = coming[0]
    else:
        return
    day = _day(session, reader, cadence, slot, ready_at, now)
    yield due_on(day, slot, stored_wish(reader.time_zone, reader.hour))


def _has_unseen(session: Session, reader: Subscriber, cadence: Cadence, slot: Slot, now: datetime) -> bool:
    """Whether planning would find something for this reader; what a pause lets pass is offered instead."""
    notice_ids = tuple(sorted(_live_in(session, reader, cadence)))
    if reader.paused_until is not None or not notice_ids:
        return False
    alone = Slice(0, cadence, notice_ids, reader.id - 1, reader.id, now, slot)
    columns = columns_of(session, alone)
    rows = session.execute(situations(alone, columns))
    return any(columns.publications(row[2:]) for row in rows)


def _day(
    session: Session, reader: Subscriber, cadence: Cadence, slot: Slot, ready_at: datetime, now: datetime
) -> date:
    """Return the first day whose mail is settled when the content is there, and is still to be launched."""
    day = upcoming_day(now, cadence, slot, reader.weekday)
    taken = over(session, cadence, day - A_MONTH)
    weekday = slot.weekday if reader.weekday is None else reader.weekday
    while cut_off_at(day) < ready_at or occurrence(cadence, day) in taken:
        day = day_after(day, cadence, weekday=weekday, day_of_month=slot.day_of_month)
    return day
