"""``flask references``: the sources that tips cite; try their links, list the old, export all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from operator import itemgetter

import click
from flask.cli import AppGroup

from newsletter_app import tips
from newsletter_app.adapters.link_checking import Offline, try_links, while_online
from newsletter_app.cli.fetch_words import fetch_words
from newsletter_app.cli.progress import progress
from newsletter_app.cli.terms import as_json_option, refusing, say_rows
from newsletter_app.tips import Cited, Health, Reference, Tip
from newsletter_app.web.ports import fetcher, ports

references = AppGroup("references", help="The sources that tips cite.")
tip_option = click.option("--tip", type=click.IntRange(1), metavar="NUMBER", help="Only those of one tip.")


@references.command("export")
@click.option("--format", "form", type=click.Choice(["bibtex", "csl"]), default="bibtex", show_default=True)
@tip_option
@refusing
def export(form: str, tip: int | None) -> None:
    """Print the references for another program: BibTeX, or CSL-JSON."""
    with ports().unit_of_work() as session:
        found = [one.reference for one in _of(tips.cited(session), tip)]
        text = "\n\n".join(map(tips.bibtex, found)) if form == "bibtex" else _json(found)
    click.echo(text)


@references.command("old")
@click.option(
    "--years", type=click.IntRange(1, 200), default=10, show_default=True, help="Older than so many."
)
@tip_option
@as_json_option
@refusing
def old(years: int, tip: int | None, as_json: bool) -> None:
    """List the references that are older than some years, and the tips to look through for their sake."""
    first = ports().clock().year - years
    with ports().unit_of_work() as session:
        rows = [_row(one) for one in _of(tips.cited(session), tip) if _year(one.reference) < first]
    say_rows(rows, as_json, line=_line, none=f"No reference is older than {years} years.")


@references.command("check")
@click.option(
    "--again-after",
    type=click.IntRange(0, 3650),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="Leave out what was tried in so many days.",
)
@click.option("--limit", type=click.IntRange(1), metavar="LINKS", help="Try at most so many.")
@as_json_option
@refusing
def check(again_after: int, limit: int | None, as_json: bool) -> None:
    """Try the links of references, note what was found, and list those that are dead.

    Each result is kept at once, so a run that was broken off goes on where it was.
    """
    ask = ports()
    with ask.unit_of_work() as session:
        links = tips.due_links(session, before=ask.clock() - timedelta(days=again_after))[:limit]
    with progress(links, "Trying links") as counted:
        try:
            for link, found in while_online(try_links(links, fetcher())):
                next(counted)
                with ask.unit_of_work() as session:
                    tips.record_check(session, link, found, ask.clock())
        except Offline as offline:
            raise click.ClickException(
                "Not one server answered. Is this machine on the internet? Nothing was noted."
            ) from offline
    if not as_json:
        click.echo(f"{len(links)} links tried.")
    _list_health(("dead", "unclear"), as_json)


@references.command("dead")
@as_json_option
@refusing
def dead(as_json: bool) -> None:
    """List the references whose links were dead when they were last tried; nobody is asked anything."""
    _list_health(("dead",), as_json)


def _list_health(wanted: tuple[Health, ...], as_json: bool) -> None:
    with ports().unit_of_work() as session:
        found = [(tips.health(one.reference.check_found), one) for one in tips.cited(session)]
    rows = [_health_row(state, one) for state, one in sorted(found, key=itemgetter(0)) if state in wanted]
    say_rows(rows, as_json, line=_health_line, none="No link is known to be dead.")


def _health_row(state: Health, one: Cited) -> dict[str, object]:
    at = one.reference.checked_at
    return {
        "health": state,
        "found": one.reference.check_found,
        "checked_at": at.isoformat() if at else None,
        "address": tips.address_of(one.reference),
        "tips": ", ".join(map(_name, one.tips)),
        "reference": one.reference.text,
    }


def _health_line(row: dict[str, str]) -> str:
    found = row["found"]
    why = f"the server answered {found}" if found.isdecimal() else fetch_words(found).rstrip(".")
    return f"{row['health']}  {row['address']}  tips {row['tips']}: {why}, on {row['checked_at'][:10]}"


def _of(found: Iterable[Cited], number: int | None) -> list[Cited]:
    return [one for one in found if number is None or any(tip.number == number for tip in one.tips)]


def _year(reference: Reference) -> int:
    """Return the year, or this one where none is known: nothing is said of what cannot be told."""
    year = reference.year or ""
    return int(year) if year.isdecimal() else date.max.year


def _line(row: dict[str, str]) -> str:
    return f"{row['year']}  tips {row['tips']}: {row['reference']}"


def _row(one: Cited) -> dict[str, object]:
    return {
        "year": one.reference.year,
        "tips": ", ".join(map(_name, one.tips)),
        "reference": one.reference.text,
    }


def _name(tip: Tip) -> str:
    return str(tip.number) if tip.number is not None else tips.shown_side(tip, "en").title


def _json(found: Iterable[Reference]) -> str:
    return json.dumps([tips.csl(one) for one in found], ensure_ascii=False, indent=2)
