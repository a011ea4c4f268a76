"""Moments on the pages about sending: told in the organisation's zone, and read as somebody typed them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter_app.kernel import words
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.phrases import ngettext
from newsletter_app.web.ports import ports
from newsletter_app.web.shell import time_zone


def moment(at: datetime | None) -> str:
    """Return "Tuesday, March 10, 9 a.m."; with the year where it is not this one, "" for none."""
    if at is None:
        return ""
    zone, language = time_zone(), current_language()
    here = at.astimezone(ZoneInfo(zone))
    day = words.day(at, zone, language)
    if here.year != ports().clock().astimezone(ZoneInfo(zone)).year:
        day = f"{day} {here.year}" if language == "fr" else f"{day}, {here.year}"
    return f"{day}, {words.clock_time(at, zone, language)}"


def typed_moment(day: str, hour: str) -> datetime | None:
    """Return the moment that a date and a time field say, in UTC; None where no clock ever shows it."""
    try:
        typed = datetime.fromisoformat(f"{day.strip()}T{hour.strip()}")
        local = typed.replace(tzinfo=ZoneInfo(time_zone()))
        found = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    is_shown = typed.tzinfo is None and found.astimezone(local.tzinfo).replace(tzinfo=None) == typed
    return found if is_shown else None


def fields_of(at: datetime) -> tuple[str, str]:
    """Return what a date and a time field hold for a moment."""
    here = at.astimezone(ZoneInfo(time_zone()))
    return f"{here:%Y-%m-%d}", f"{here:%H:%M}"


def about(length: timedelta) -> str:
    """Return a length of time as a person says it: "about 5 minutes"."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 90:
        return ngettext("about %(num)d minute", "about %(num)d minutes", minutes)
    return ngettext("about %(num)d hour", "about %(num)d hours", round(minutes / 60))
