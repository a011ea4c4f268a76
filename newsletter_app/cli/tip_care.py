"""What is done to a tip after it was written: topics, reviews, corrections; and what readers say of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import audit, campaigns, organisation, planning
from newsletter_app import tips as room
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips import Answered, Tip
from newsletter_app.web.ports import ports

a_day = click.DateTime(formats=["%Y-%m-%d"])


def named(session: Session, name: str) -> Tip:
    """Return the tip with this number or slug. Raises ClickException when there is none."""
    number = name.removeprefix("#")
    tip = room.find_by_number(session, int(number)) if number.isdecimal() else None
    for language in LANGUAGES:
        tip = tip or room.find_by_slug(session, language, name)
    if tip is None:
        raise click.ClickException(f"There is no tip {name}; `flask tips list` shows them all.")
    return tip


@click.command("topics")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.argument("keys", nargs=-1, metavar="[KEY…]")
@by_option
@refusing
def topics(name: str, keys: tuple[str, ...], by: str) -> None:
    """Let a tip be about these topics and no others; without a KEY about none."""
    with ports().unit_of_work() as session:
        tip, now = named(session, name), ports().clock()
        room.set_topics(session, tip, keys, now)
        _note(session, tip, "tip.topics-set", by, now, topics=list(keys))
    click.echo(f"The tip is about: {', '.join(keys) or 'no topic'}.")


@click.command("review")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--reviewer", required=True, help="Who checked it, as readers see it: “Dr. A. Roy”.")
@click.option("--on", type=a_day, metavar="DAY", help="When, such as 2026-03-31 (default: today).")
@click.option("--due", type=a_day, metavar="DAY", help="By when it is to be checked again (default: never).")
@by_option
@refusing
def review(name: str, reviewer: str, on: datetime | None, due: datetime | None, by: str) -> None:
    """Note that somebody checked a tip. A launch that was held for this alone goes out then."""
    if not 0 < len(reviewer.strip()) <= 120:
        raise click.UsageError("--reviewer is a name of 1 to 120 signs.")
    with ports().unit_of_work() as session:
        tip, now = named(session, name), ports().clock()
        today = organisation.local_day(session, now)
        on_day, due_day = on.date() if on else today, due.date() if due else None
        room.review(session, tip, reviewer=reviewer.strip(), on=on_day, due=due_day, today=today, now=now)
        _note(session, tip, "tip.reviewed", by, now, on=str(on_day), due=str(due_day))
        released = campaigns.release_reviewed(session, tip, by, now)
    click.echo(f"Checked by {reviewer.strip()} on {on_day}; {_again(due_day)}.")
    if released is not None:
        click.echo(f"Its campaign {released.occurrence} was held for this; it goes out within seconds now.")


@click.command("correct")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--note-en", default="", help="What was changed, in a sentence or two.")
@click.option("--note-fr", default="", help="One language alone is for readers of that side.")
@click.option("--urgent", is_flag=True, help="Mail the note at once, not with each reader's next mail.")
@click.option(
    "--text-unchanged",
    is_flag=True,
    help="Today's text is the one that was wrong: who was mailed it so far is told, too.",
)
@by_option
@refusing
def correct(name: str, note_en: str, note_fr: str, *, urgent: bool, text_unchanged: bool, by: str) -> None:
    """Tell what was corrected of a tip: on its page, and by mail to whoever was mailed the earlier text.

    Import the corrected text first. The note comes with the reader's next mail, whatever their rhythm.
    """
    with ports().unit_of_work() as session:
        tip, now = named(session, name), ports().clock()
        told = campaigns.correct(
            session, tip, note_en, note_fr, by=by, now=now, urgent=urgent, text_unchanged=text_unchanged
        )
        reach = planning.reach(session, told)
        _note(session, tip, "tip.corrected", by, now, correction=told.id, urgent=urgent, told=reach.earlier)
        places = ", ".join(room.path(tip, side) for side in tip.sides)
    click.echo(f"The note stands on the tip's page: {places}")
    click.echo(_reached(reach, "at once" if urgent else "with their next mail"))


@click.command("withdraw")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--why-en", required=True, help="Why, in a sentence or two that readers see.")
@click.option("--why-fr", required=True)
@by_option
@refusing
def withdraw(name: str, why_en: str, why_fr: str, by: str) -> None:
    """Take a tip off the web. Its address stays and says why, and since when; it is mailed to nobody more.

    Campaigns that mail it are paused; one that has not begun is held when it is due.
    `flask tips publish NUMBER --web-only` puts it back; the reason then stands on its page as a correction.
    """
    with ports().unit_of_work() as session:
        tip, now = named(session, name), ports().clock()
        if tip.withdrawn_at is not None:
            raise click.ClickException(f"The tip was withdrawn before, on {tip.withdrawn_at:%Y-%m-%d}.")
        room.correct(session, tip, why_en, why_fr, now)
        room.withdraw(session, tip, "", now)
        recalled = campaigns.recall(session, tip, by)
        paused = [one.occurrence for one in recalled]
        _note(session, tip, "tip.withdrawn", by, now, paused=paused)
        places = ", ".join(room.path(tip, side) for side in tip.sides)
    click.echo(f"The tip is off the web, and its page says why: {places}")
    for one in recalled:
        click.echo(
            f"Campaign {one.occurrence} was mailing it and is paused."
            f" `flask campaigns cancel {one.occurrence}` ends it; with --give-back its readers get its other"
            " tips with a later mail."
        )


@click.command("useful")
@with_appcontext
@as_json_option
@refusing
def useful(as_json: bool) -> None:
    """Tell how many readers found each tip useful; nobody knows who they were."""
    with ports().unit_of_work() as session:
        rows = [_row(one) for one in room.answered(session)]
    say_rows(rows, as_json, line=_line, none="Nobody has answered yet.")


def _reached(reach: planning.Reach, when: str) -> str:
    told = f"Readers who were mailed the tip as it was: {reach.earlier}. They are told {when}."
    if not reach.todays:
        return told
    return f"{told} {reach.todays} more were mailed today's text; --text-unchanged tells them, too."


def _again(due: date | None) -> str:
    return f"to be checked again by {due}" if due else "no day is set for the next time"


def _note(session: Session, tip: Tip, action: str, by: str, now: datetime, **details: Any) -> None:
    audit.note(session, actor=by, action=action, subject=f"tip:{tip.id}", details=details, now=now)


def _row(one: Answered) -> dict[str, Any]:
    side = room.shown_side(one.tip, "en")
    told: dict[str, Any] = {"name": str(one.tip.number or side.slug), "title": side.title}
    return told | {str(answer): count for answer, count in one.counts.items()}


def _line(row: dict[str, Any]) -> str:
    return f"{row['name']}  {row['title']}  yes {row['yes']}, a little {row['a-little']}, no {row['no']}"
