"""``flask tips``: new, ask-approval, approve, give-back, revisions and compare: the desk's verbs, typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import notices
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.cli.tip_care import named
from newsletter_app.tips import Tip, writing
from newsletter_app.web.ports import ports

PARTS: Final = ("en", "fr", "about")
MARKS: Final = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}


@click.command("new")
@with_appcontext
@click.option("--notice", "key", metavar="KEY", required=True, help="Where it stands; flask notices list.")
@click.option("--number", type=int, help="Default: the next one, where the notice has numbers.")
@by_option
@refusing
def new(key: str, number: int | None, by: str) -> None:
    """Begin a tip without words, to be written in the console."""
    with ports().unit_of_work() as session:
        notice = notices.find_by_key(session, key)
        if notice is None:
            raise click.ClickException(f"There is no notice {key}; see flask notices list.")
        number = number or (writing.next_number(session) if notice.numbered else None)
        tip = writing.begin(session, notice, number, by=by, now=ports().clock())
    click.echo(f"Tip {tip.number or tip.id} is begun; write it in the console.")


@click.command("ask-approval")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@by_option
@refusing
def ask_approval(name: str, by: str) -> None:
    """Say that a tip is written, and ask whoever approves tips to read it."""
    with ports().unit_of_work() as session:
        writing.ask_approval(session, named(session, name), by=by, now=ports().clock())
    click.echo("It waits for its approval.")


@click.command("approve")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@by_option
@refusing
def approve(name: str, by: str) -> None:
    """Say that a tip may go out as it is written now. Whatever is changed later is to be approved again."""
    with ports().unit_of_work() as session:
        writing.approve(session, named(session, name), by=by, now=ports().clock())
    click.echo("It is approved.")


@click.command("give-back")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--comment", required=True, help="What is to be done; the writer reads it beside the text.")
@by_option
@refusing
def give_back(name: str, comment: str, by: str) -> None:
    """Give a tip back to its writer, with what is to be done."""
    with ports().unit_of_work() as session:
        writing.give_back(session, named(session, name), comment, by=by, now=ports().clock())
    click.echo("It is a draft again.")


@click.command("revisions")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.argument("part", type=click.Choice(PARTS))
@as_json_option
@refusing
def revisions(name: str, part: writing.Part, as_json: bool) -> None:
    """List what was saved of a part of a tip: a side, or about: its picture and references."""
    with ports().unit_of_work() as session:
        rows = [_row(one) for one in writing.revisions(session, named(session, name), part)]
    say_rows(rows, as_json, line=_line, none="Nothing was saved of it in the console.")


@click.command("compare")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.argument("part", type=click.Choice(PARTS[:2]))
@click.argument("older", type=int, metavar="ID")
@click.argument("newer", type=int, metavar="ID")
@refusing
def compare(name: str, part: writing.Part, older: int, newer: int) -> None:
    """Print what differs between two revisions of a side: [-gone-] and {+new+}."""
    with ports().unit_of_work() as session:
        tip = named(session, name)
        both = [_content(session, tip, part, one) for one in (older, newer)]
    for field in writing.READ:
        before, after = (content[field] for content in both)
        if before != after:
            click.echo(f"{field}:")
            click.echo("\n\n".join(_marked(one) for one in writing.compare(before, after)))


def _content(session: Session, tip: Tip, part: writing.Part, revision_id: int) -> dict[str, Any]:
    row = writing.find_revision(session, tip, part, revision_id)
    if row is None:
        raise click.ClickException(f"It has no revision {revision_id}; see flask tips revisions.")
    return row.content


def _marked(paragraph: writing.Paragraph) -> str:
    return "".join(MARKS[piece.what].format(piece.text) for piece in paragraph.pieces)


def _row(one: writing.TipRevision) -> dict[str, Any]:
    saved: datetime = one.saved_at
    return {"id": one.id, "saved_at": saved.isoformat(), "by": one.saved_by, "aside": one.is_aside}


def _line(row: dict[str, Any]) -> str:
    aside = "  kept aside" if row["aside"] else ""
    return f"{row['id']}  {row['saved_at']}  {row['by'] or 'a file'}{aside}"
