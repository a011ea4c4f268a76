"""Which day a weekly, monthly or series mail is for, and what it is called, as decisions about calendars."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from newsletter_app.kernel.local_time import (
    ZONE_OF_NOBODY,
    begins_at,
    day_begun,
    moment_on,
    next_hour,
    zone_or,
)

Cadence = Literal["each", "weekly", "monthly", "series"]
CADENCES: Final[tuple[Cadence, ...]] = ("each", "weekly", "monthly", "series")
DIGESTS: Final[tuple[Cadence, ...]] = ("weekly", "monthly")
SERIES: Final[Cadence] = "series"
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wish:
    """When somebody wants their mail: weekday (0 = Monday), hour, and the IANA name of their zone.

    What is None is the organisation's to say; its own wish leaves nothing open.
    """

    weekday: int | None = None
    hour: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """When the organisation sends a cadence: ``weekday`` counts for weekly, ``day_of_month`` for monthly."""

    weekday: int
    day_of_month: int
    hour: int
    zone: str


def stored_wish(zone: str | None, hour: int | None) -> Wish:
    """Return a wish as it is stored; an hour that no clock shows is as if unsaid."""
    return Wish(hour=hour if hour in range(24) else None, zone=zone)


def as_cadence(word: str) -> Cadence:
    """Return the cadence of this name. Raises StopIteration for any other word."""
    return next(cadence for cadence in CADENCES if cadence == word)


def occurrence(cadence: Cadence, day: date) -> str:
    """Return what makes a second launch impossible: ``weekly:2026-W47-2`` (ISO 8601), ``monthly:2026-11``,
    ``series:2026-11-27``.

    A week has one for each weekday that readers chose. Week numbers are those of the ISO year, which may
    differ from the calendar's around New Year. A month has one, however its day is moved.
    """
    if cadence == "monthly":
        return f"monthly:{day:%Y-%m}"
    if cadence == SERIES:
        return f"{SERIES}:{day.isoformat()}"
    year, week, weekday = day.isocalendar()
    return f"{cadence}:{year}-W{week:02d}-{weekday}"


def day_after(day: date, cadence: Cadence, *, weekday: int, day_of_month: int) -> date:
    """Return the first day after ``day`` for which there is a mail of this cadence.

    A month without a 31st has it on its last day. A series has one every day, each reader on some of them.
    """
    if cadence == SERIES:
        return day + timedelta(days=1)
    if cadence == "weekly":
        return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)
    this_month = _in_month(day.year, day.month, day_of_month)
    if this_month > day:
        return this_month
    following = date(day.year, day.month, 28) + timedelta(days=4)
    return _in_month(following.year, following.month, day_of_month)


def upcoming_day(now: datetime, cadence: Cadence, slot: Slot, weekday: int | None = None) -> date:
    """Return the next day whose content is not cut off yet: it begins nowhere on Earth before ``now``."""
    chosen = slot.weekday if weekday is None else weekday
    return day_after(day_begun(now), cadence, weekday=chosen, day_of_month=slot.day_of_month)


def series_weekdays(pace: str, weekday: int) -> frozenset[int]:
    """Return the weekdays on which a series of this pace goes on for who has ``weekday`` as theirs.

    Twice a week is that day and the third after it, so that there are three and four days between.
    """
    if pace == "daily":
        return frozenset(range(7))
    return frozenset({weekday, (weekday + 3) % 7} if pace == "twice" else {weekday})


def cut_off_at(day: date) -> datetime:
    """Return when the content of a day's mail is settled for everybody (UTC+14): nobody's slot is earlier."""
    return begins_at(day)


def due_on(day: date, slot: Slot, wish: Wish = Wish()) -> datetime:
    """Return when a reader with this wish gets the mail of ``day``; a zone that is gone is as if unsaid."""
    hour = slot.hour if wish.hour is None else wish.hour
    return moment_on(day, hour, zone_or(wish.zone, slot.zone))


def due_from(launched_at: datetime, slot: Slot, wish: Wish = Wish()) -> datetime:
    """Return when a reader of each tip gets what goes out at ``launched_at``: then, or at their own hour."""
    if wish.hour is None:
        return launched_at
    return next_hour(launched_at, wish.hour, zone_or(wish.zone, slot.zone))


def next_slot(after: datetime, slot: Slot) -> datetime:
    """Return the first moment behind ``after`` at which it is the slot's weekday and hour."""
    today = after.astimezone(ZoneInfo(zone_or(slot.zone, ZONE_OF_NOBODY))).date()
    days = (today + timedelta(days=days) for days in range(9))
    moments = (due_on(day, slot) for day in days if day.weekday() == slot.weekday)
    return next(moment for moment in moments if moment > after)


def _in_month(year: int, month: int, day_of_month: int) -> date:
    return date(year, month, min(day_of_month, monthrange(year, month)[1]))
