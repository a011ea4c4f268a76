"""``flask references``: the sources that tips cite; list those that are old, export them all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

import click
from flask.cli import AppGroup

from newsletter_app import tips
from newsletter_app.cli.terms import as_json_option, refusing, say_rows
from newsletter_app.tips import Cited, Reference, Tip
from newsletter_app.web.ports import ports

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
