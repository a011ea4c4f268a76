"""``flask topics``: what tips are about; add a topic, list them. `flask tips topics` gives them to a tip."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from newsletter_app import audit, tips
from newsletter_app.cli.notices import a_key, some_words
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.tips import Topic
from newsletter_app.web.ports import ports

topics = AppGroup("topics", help="What tips are about.")


@topics.command("add")
@click.argument("key", callback=a_key)
@click.option("--name-en", required=True, callback=some_words, help="What readers see, such as Balance.")
@click.option("--name-fr", required=True, callback=some_words)
@by_option
@refusing
def add(key: str, name_en: str, name_fr: str, by: str) -> None:
    """Add a topic. KEY is what files (topics: [KEY]) and commands call it."""
    with ports().unit_of_work() as session:
        tips.add_topic(session, key, {"en": name_en, "fr": name_fr})
        now = ports().clock()
        audit.note(session, actor=by, action="topic.added", subject=f"topic:{key}", now=now)
    click.echo(f"The topic {key} is there. Give it to a tip: flask tips topics NUMBER {key}")


@topics.command("list")
@as_json_option
@refusing
def list_topics(as_json: bool) -> None:
    """List the topics by their keys, with how many tips on the web are about each."""
    with ports().unit_of_work() as session:
        counts = {topic.id: topic.tip_count for topic in tips.topics_shown(session, "en")}
        rows = [_row(topic, counts.get(topic.id, 0)) for topic in tips.all_topics(session)]
    say_rows(rows, as_json, line=_line, none="There is no topic yet; see flask topics add --help.")


def _row(topic: Topic, count: int) -> dict[str, Any]:
    return {"key": topic.key, "tips": count} | {side.language: side.name for side in topic.sides}


def _line(row: dict[str, Any]) -> str:
    return f"{row['key']}  {row['en']} / {row['fr']}  tips on the web: {row['tips']}"
