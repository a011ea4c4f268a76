"""When a reader's series goes on, by the rules that plan it, and when it ends; it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from newsletter_app import subscriptions, tips
from newsletter_app.campaigns import (
    SERIES,
    Slot,
    cut_off_at,
    due_on,
    occurrence,
    series_weekdays,
    slot_of,
    stored_wish,
    upcoming_day,
)
from newsletter_app.planning.coming import over, scheduled
from newsletter_app.planning.pivot import Slice, situations
from newsletter_app.planning.turns import turns_of
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Series, Subscription

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the next day of a series brings: a mail ``due_at``, or (None) its end.

    Whatever is scheduled then comes out later than that, and comes live.
    """

    notice_id: int
    due_at: datetime | None


def turns_to_come(session: Session, reader: Subscriber, now: datetime) -> Iterator[Turn]:
    """Yield what the next day brings of each series that a reader is reading."""
    rows = {row.id: row for row in subscriptions.of_subscriber(session, reader.id) if row.state == "active"}
    slot = slot_of(session, SERIES)
    for id_, series in subscriptions.series_of(session, rows).items():
        if series.finished_at is None:
            yield _turn(session, reader, rows[id_], _day(session, reader, series, slot, now), slot, now)


def _turn(
    session: Session, reader: Subscriber, row: Subscription, day: date, slot: Slot, now: datetime
) -> Turn:
    cut_off = cut_off_at(day)
    if _has_next(session, reader, row.notice_id, slot, cut_off) or (
        not row.live and _comes_out_before(session, row.notice_id, cut_off, now)
    ):
        return Turn(row.notice_id, due_on(day, slot, stored_wish(reader.time_zone, reader.hour)))
    return Turn(row.notice_id, None)


def _has_next(session: Session, reader: Subscriber, notice_id: int, slot: Slot, at: datetime) -> bool:
    """Whether planning would find something; a pause only puts it off.

    What is on the web without a place in the notice gets one when the day is launched.
    """
    alone = Slice(0, SERIES, (notice_id,), reader.id - 1, reader.id, at, slot, paused_too=True)
    turns = turns_of(session, alone)
    found = any(turns.publications(row[2:]) for row in session.execute(situations(alone, turns)))
    return found or tips.lacks_place(session, notice_id)


def _comes_out_before(session: Session, notice_id: int, cut_off: datetime, now: datetime) -> bool:
    return any(at <= cut_off for at in scheduled(session, [notice_id], after=now, since=now))


def _day(session: Session, reader: Subscriber, series: Series, slot: Slot, now: datetime) -> date:
    """Return the first day of the series' pace that is still to be launched, after any pause."""
    day, ready_at = upcoming_day(now, SERIES, slot), max(now, reader.paused_until or now)
    days = series_weekdays(series.pace, slot.weekday if reader.weekday is None else reader.weekday)
    taken = over(session, SERIES, day)
    while day.weekday() not in days or cut_off_at(day) < ready_at or occurrence(SERIES, day) in taken:
        day += A_DAY
    return day
