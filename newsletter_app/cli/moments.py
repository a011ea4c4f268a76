"""Local times as a person types them; refuses a zone that is none, an hour that a clock skips, the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from newsletter_app.kernel.words import NO_BREAK, clock_time, day

LATE: Final = timedelta(hours=1)
EXAMPLE: Final = "write it as 2026-12-01 09:00"


class ZoneParameter(click.ParamType[str]):
    """A time zone by its name in the IANA database, such as America/Edmonton."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> str:
        """Return the name as it was typed."""
        try:
            ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # A folder of zones ("America") is an OSError to zoneinfo.
            self.fail(
                f"{value!r} is no time zone; take a name such as America/Edmonton, the nearest large city.",
                param,
                context,
            )
        return str(value)


ZONE: Final = ZoneParameter()


def local_moment(text: str, zone: str) -> datetime:
    """Return the moment, in UTC, that a local time is in ``zone`` (an IANA name).

    Of an hour that comes twice the first is meant. Raises BadParameter, also for an hour that is skipped.
    """
    typed = _typed(text)
    local = typed.replace(tzinfo=ZoneInfo(zone))
    moment = local.astimezone(UTC)
    # A clock that springs forward has no such hour: there and back through UTC shows another one.
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) != typed:
        raise _refusal(
            f"{text} does not exist in {zone}: the clock springs forward over it that day. Take an"
            " hour later."
        )
    return moment


def refuse_past(due_at: datetime, zone: str, now: datetime) -> None:
    """Raise BadParameter when ``due_at`` is more than an hour ago: that is a slip, a wrong day or"
    " a wrong year."""
    if now - due_at > LATE:
        raise _refusal(
            f"{in_words(due_at, zone)} is past; it is {in_words(now, zone)} now."
            " Give a time to come, or leave --at out to send it now."
        )


def in_words(at: datetime, zone: str) -> str:
    """Return "Tuesday, December 1, 2026, 9 a.m. (America/Edmonton, UTC-07:00)"."""
    local = at.astimezone(ZoneInfo(zone))
    offset = f"{local:%z}"
    # A terminal breaks no line between words, and what it shows is searched and copied.
    hour = clock_time(at, zone, "en").replace(NO_BREAK, " ")
    named = f"{day(at, zone, 'en')}, {local.year}, {hour}"
    return f"{named} ({zone}, UTC{offset[:3]}:{offset[3:5]})"


def comes_twice(at: datetime, zone: str) -> bool:
    """Tell whether the clock shows this local time a second time, as it is set back."""
    local = at.astimezone(ZoneInfo(zone))
    return local.replace(fold=1).utcoffset() != local.utcoffset()


def _refusal(text: str) -> click.BadParameter:
    return click.BadParameter(text, param_hint="--at")


def _typed(text: str) -> datetime:
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError as fault:
        raise _refusal(f"{text!r} is no date and hour: {EXAMPLE}.") from fault
    if typed.tzinfo is not None:
        raise _refusal(f"{text!r} has a zone of its own: {EXAMPLE}, and give the zone by --zone.")
    if _is_date(text.strip()):
        raise _refusal(f"{text!r} has no hour: {EXAMPLE}.")
    return typed


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
