"""``flask notices``: the streams one can choose; add one, list them."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from newsletter_app import audit
from newsletter_app import notices as room
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say
from newsletter_app.notices import Words
from newsletter_app.web.ports import ports

notices = AppGroup("notices", help="The streams one can choose to receive.")


@notices.command("add")
@click.argument("key")
@click.option("--name-en", required=True)
@click.option("--name-fr", required=True)
@click.option("--sentence-en", required=True, help="One sentence: what it brings.")
@click.option("--sentence-fr", required=True)
@click.option("--how-often-en", required=True, help="For example: Once a week")
@click.option("--how-often-fr", required=True)
@click.option("--numbered/--unnumbered", default=False)
@click.option("--needs-references", is_flag=True)
@click.option("--needs-disclaimer", is_flag=True)
@by_option
@refusing
def add(
    key: str, by: str, numbered: bool, needs_references: bool, needs_disclaimer: bool, **words: str
) -> None:
    """Add a notice. KEY is for commands and never shown: letters, digits and dashes."""
    with ports().unit_of_work() as session:
        room.add(
            session,
            key=key,
            words={
                "en": Words(words["name_en"], words["sentence_en"], words["how_often_en"]),
                "fr": Words(words["name_fr"], words["sentence_fr"], words["how_often_fr"]),
            },
            numbered=numbered,
            needs_references=needs_references,
            needs_disclaimer=needs_disclaimer,
            now=ports().clock(),
        )
        audit.note(session, actor=by, action="notice.added", subject=f"notice:{key}", now=ports().clock())
    click.echo(f"The notice {key} is offered now.")


@notices.command("list")
@as_json_option
def list_notices(as_json: bool) -> None:
    """List the notices in their order."""
    with ports().unit_of_work() as session:
        rows = {
            notice.key: f"{notice.side('en').name} / {notice.side('fr').name}, {notice.last_seq} sent"
            for notice in room.offered(session)
        }
    say(rows, as_json)
