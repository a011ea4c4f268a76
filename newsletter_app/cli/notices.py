"""``flask notices``: the streams one can choose; add one, set what it offers, list them."""

from __future__ import annotations

import re
from typing import Any, Final

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import audit, tips
from newsletter_app import notices as room
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.notices import Notice, Words
from newsletter_app.web.ports import ports

KEY: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")

notices = AppGroup("notices", help="The streams one can choose to receive.")


def a_key(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    """Return ``text`` if it may be a key. Raises BadParameter."""
    if not KEY.fullmatch(text):
        raise click.BadParameter(
            "a key begins with a small letter and has small letters, digits and dashes, at most 40."
        )
    return text


def some_words(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    """Return ``text`` without what surrounds it. Raises BadParameter where nothing is left."""
    if not text.strip():
        raise click.BadParameter("readers see these words, so they cannot be empty.")
    return text.strip()


@notices.command("add")
@click.argument("key", callback=a_key)
@click.option(
    "--name-en", required=True, callback=some_words, help="What readers choose, such as Health tips."
)
@click.option("--name-fr", required=True, callback=some_words)
@click.option("--sentence-en", required=True, callback=some_words, help="One sentence: what it brings.")
@click.option("--sentence-fr", required=True, callback=some_words)
@click.option("--how-often-en", required=True, callback=some_words, help="Such as: once a week.")
@click.option("--how-often-fr", required=True, callback=some_words)
@click.option("--numbered/--unnumbered", default=False, help="Whether its tips have numbers.")
@click.option("--offers-series", is_flag=True, help="Let readers begin with tip 1; only with numbers.")
@click.option("--needs-references", is_flag=True, help="Refuse to publish a tip without references.")
@click.option("--needs-disclaimer", is_flag=True, help="Refuse to publish a tip without a disclaimer.")
@by_option
@refusing
def add(
    key: str,
    by: str,
    numbered: bool,
    offers_series: bool,
    needs_references: bool,
    needs_disclaimer: bool,
    **words: str,
) -> None:
    """Add a notice. KEY is for commands and never shown to readers."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        room.add(
            session,
            key=key,
            words={
                language: Words(*(words[f"{name}_{language}"] for name in Words._fields))
                for language in LANGUAGES
            },
            numbered=numbered,
            needs_references=needs_references,
            needs_disclaimer=needs_disclaimer,
            offers_series=offers_series,
            now=now,
        )
        audit.note(session, actor=by, action="notice.added", subject=f"notice:{key}", now=now)
    click.echo(f"The notice {key} is offered now.")


@notices.command("set")
@click.argument("key")
@click.option(
    "--offers-series/--offers-no-series",
    required=True,
    help="Let readers of a numbered notice begin with tip 1. Who has begun goes on.",
)
@by_option
@refusing
def set_notice(key: str, offers_series: bool, by: str) -> None:
    """Set what a notice offers."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        notice = _known(session, key)
        room.offer_series(notice, is_offered=offers_series)
        action = "notice.series-offered" if offers_series else "notice.series-ended"
        audit.note(session, actor=by, action=action, subject=f"notice:{key}", now=now)
    offer = "can begin with tip 1" if offers_series else "can begin with tip 1 no more; who has begun goes on"
    click.echo(f"Readers of {key} {offer}.")


@notices.command("disclaimer")
@click.argument("key")
@click.option("--text-en", default="", help="What stands under every tip; Markdown.")
@click.option("--text-fr", default="")
@click.option("--unlock", is_flag=True, help="Let each tip have its own again; they keep what they have now.")
@by_option
@refusing
def disclaimer(key: str, text_en: str, text_fr: str, unlock: bool, by: str) -> None:
    """Put one disclaimer under every tip of a notice, which no tip can change then."""
    texts: dict[Language, str] = {"en": text_en.strip(), "fr": text_fr.strip()}
    if unlock == any(texts.values()) or not (unlock or all(texts.values())):
        raise click.UsageError("Give --text-en and --text-fr, both of them; or --unlock alone.")
    now = ports().clock()
    with ports().unit_of_work() as session:
        notice = _known(session, key)
        changed = tips.lock_disclaimer(session, notice, texts, now)
        action = "notice.disclaimer-unlocked" if unlock else "notice.disclaimer-locked"
        audit.note(session, actor=by, action=action, subject=f"notice:{key}", now=now)
    if unlock:
        click.echo(f"Each tip of {key} may have a disclaimer of its own again.")
    else:
        click.echo(f"Every tip of {key} bears this disclaimer now. Sides that had another: {changed}.")


@notices.command("list")
@as_json_option
@refusing
def list_notices(as_json: bool) -> None:
    """List the notices in their order."""
    with ports().unit_of_work() as session:
        rows = [_row(notice) for notice in room.offered(session)]
    say_rows(rows, as_json, line=_line, none="There is no notice yet; see flask notices add --help.")


def _known(session: Session, key: str) -> Notice:
    notice = room.find_by_key(session, key)
    if notice is None:
        raise click.ClickException(f"There is no notice {key}. See flask notices list.")
    return notice


def _row(notice: Notice) -> dict[str, Any]:
    names = ("key", "numbered", "offers_series", "needs_references", "needs_disclaimer")
    words = {
        language: {name: getattr(notice.side(language), name) for name in (*Words._fields, "disclaimer")}
        for language in LANGUAGES
    }
    return {name: getattr(notice, name) for name in names} | {"sent": notice.last_seq} | words


def _line(row: dict[str, Any]) -> str:
    kind = "numbered" if row["numbered"] else "without numbers"
    kind += ", also from tip 1" if row["offers_series"] else ""
    return f"{row['key']}  {row['en']['name']} / {row['fr']['name']}  {kind}, {row['sent']} sent"
