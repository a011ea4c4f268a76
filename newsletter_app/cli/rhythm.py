"""``flask organisation rhythm``: when weekly and monthly mails leave, and how many tips are whole in one."""

from __future__ import annotations

from typing import Any, Final

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import audit
from newsletter_app import organisation as room
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say
from newsletter_app.kernel.words import DAYS
from newsletter_app.organisation import Organisation
from newsletter_app.web.ports import ports

WEEKDAYS: Final = tuple(day.lower() for day in DAYS["en"])


@click.command("rhythm")
@with_appcontext
@click.option("--weekly-day", type=click.Choice(WEEKDAYS), help="Readers may choose another for themselves.")
@click.option("--weekly-hour", type=click.IntRange(0, 23), metavar="0–23", help="Local time, as all hours.")
@click.option("--monthly-day", type=click.IntRange(1, 31), metavar="1–31", help="31 is every last day.")
@click.option("--monthly-hour", type=click.IntRange(0, 23), metavar="0–23")
@click.option("--whole-tips", type=click.IntRange(1, 50), help="How many tips stand whole in one mail.")
@as_json_option
@by_option
@refusing
def rhythm(
    weekly_day: str | None,
    weekly_hour: int | None,
    monthly_day: int | None,
    monthly_hour: int | None,
    whole_tips: int | None,
    as_json: bool,
    by: str,
) -> None:
    """Set when weekly and monthly mails leave, and print it; what is not given stays as it is."""
    weekday = WEEKDAYS.index(weekly_day) if weekly_day else None
    given = {
        name: value
        for name, value in click.get_current_context().params.items()
        if value is not None and name not in ("as_json", "by")
    }
    with ports().unit_of_work() as session:
        whole = room.set_slot(session, "weekly", weekday=weekday, hour=weekly_hour)
        room.set_slot(session, "monthly", day_of_month=monthly_day, hour=monthly_hour)
        if whole_tips is not None:
            whole.whole_tips = whole_tips
        if given:
            _note(session, by, given)
        facts = _facts(whole)
    say(facts, as_json)


def _note(session: Session, by: str, given: dict[str, Any]) -> None:
    now = ports().clock()
    audit.note(session, actor=by, action="organisation.rhythm", details={"names": sorted(given)}, now=now)


def _facts(whole: Organisation) -> dict[str, Any]:
    weekly, monthly = room.slot(whole, "weekly"), room.slot(whole, "monthly")
    facts: dict[str, Any] = {}
    if weekly is not None and weekly.weekday is not None:
        facts |= {"weekly day": WEEKDAYS[weekly.weekday], "weekly hour": weekly.hour}
    if monthly is not None:
        facts |= {"monthly day": monthly.day_of_month, "monthly hour": monthly.hour}
    return facts | {"whole tips": whole.whole_tips, "time zone": whole.time_zone}
