"""The clock as a value that faces hand in; rooms never read the time themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present time, aware, in UTC."""
    return datetime.now(UTC)


def local_day(at: datetime, zone: str) -> date:
    """Return which day it is at ``at`` in the time zone of this name."""
    return at.astimezone(ZoneInfo(zone)).date()
