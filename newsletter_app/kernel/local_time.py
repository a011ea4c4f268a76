"""Local hours as moments: right where a clock skips or repeats an hour, and where a zone has vanished."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONE_OF_NOBODY: Final = "UTC"
# Nobody's day begins earlier (Kiritimati).
EARLIEST: Final = timedelta(hours=14)


def is_zone(name: str) -> bool:
    """Tell whether this is a time zone's name in the IANA database as this machine has it."""
    return _zone(name) is not None


def zone_or(name: str | None, fallback: str) -> str:
    """Return ``name`` if there is such a zone, else ``fallback`` if there is, else UTC: zones are renamed."""
    return next((each for each in (name, fallback) if each and is_zone(each)), ZONE_OF_NOBODY)


def moment_on(day: date, hour: int, zone: str) -> datetime:
    """Return the moment, in UTC, at which it is ``hour`` (0–23) on ``day`` in ``zone``.

    Of an hour that comes twice the first is meant; one that is skipped begins when the skipping is over
    (PEP 495: fold=0 reads a time within a gap by the offset before it). Raises ValueError for no zone.
    """
    found = _zone(zone)
    if found is None:
        raise ValueError("no such time zone")
    return datetime.combine(day, time(hour), found).astimezone(UTC)


def next_hour(at: datetime, hour: int, zone: str) -> datetime:
    """Return the first moment, not before ``at``, at which it is ``hour`` in ``zone``."""
    today = at.astimezone(_zone(zone)).date()
    moments = (moment_on(today + timedelta(days=days), hour, zone) for days in range(-1, 3))
    return next(moment for moment in moments if moment >= at)


def day_begun(now: datetime) -> date:
    """Return the latest day that has begun anywhere on Earth."""
    return (now.astimezone(UTC) + EARLIEST).date()


def begins_at(day: date) -> datetime:
    """Return when ``day`` begins where it begins first, at UTC+14."""
    return datetime.combine(day, time(), UTC) - EARLIEST


# As many as there are, and not one more for every word that somebody types.
@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of zones ("America") is an OSError to zoneinfo, and "../x" a ValueError.
        return None
