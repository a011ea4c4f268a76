"""Local hours found by looking at every quarter of an hour, as somebody with a wall clock would."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
# A day begins first at UTC+14, and is over last at UTC-12.
EARLIEST, LATEST = timedelta(hours=-14), timedelta(hours=40)


def begins_at(day: date) -> datetime:
    """Return when ``day`` begins where it begins first."""
    return datetime.combine(day, time(), UTC) + EARLIEST


def day_begun(now: datetime) -> date:
    """Return the last day that has begun anywhere."""
    return (now - EARLIEST).date()


@cache
def strikes_at(day: date, hour: int, zone: str) -> datetime:
    """Return when a clock in ``zone`` first shows ``hour`` on ``day``, or a later one if that is skipped."""
    moment, last, here = begins_at(day), datetime.combine(day, time(), UTC) + LATEST, ZoneInfo(zone)
    while moment < last:
        shown = moment.astimezone(here)
        if (shown.date(), shown.hour) >= (day, hour):
            return moment
        moment += QUARTER
    raise AssertionError(f"{zone} has no {day}")


def strikes_next(at: datetime, hour: int, zone: str) -> datetime:
    """Return the first time from ``at`` on that a clock in ``zone`` strikes ``hour``."""
    today = at.astimezone(ZoneInfo(zone)).date()
    strokes = [strikes_at(today + timedelta(days=days), hour, zone) for days in (-1, 0, 1, 2)]
    return min(stroke for stroke in strokes if stroke >= at)
