"""``flask subscribers``: what was said by phone or on paper, recorded; what is known of one address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import campaigns, notices, organisation, subscriptions, suppression
from newsletter_app import subscribers as room
from newsletter_app.cli.addresses import ADDRESS
from newsletter_app.cli.explaining import explanation_of, sentence
from newsletter_app.cli.subscriber_words import described, suppression_line
from newsletter_app.cli.terms import as_json_option, refusing, say
from newsletter_app.cli.tip_care import named
from newsletter_app.kernel.addresses import Address, address_key
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.notices import Notice
from newsletter_app.subscriptions import STAFF_SOURCES
from newsletter_app.web.ports import ports

subscribers = AppGroup("subscribers", help="People who asked by phone or on paper.")


source_option = click.option("--source", type=click.Choice(STAFF_SOURCES), required=True)
who_option = click.option("--by", type=ADDRESS, required=True, help="Who heard or read it: your e-mail.")
notice_option = click.option("--notice", "keys", multiple=True, help="The notice's key; may be repeated.")


@subscribers.command("add")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@source_option
@who_option
@notice_option
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--wording", default="", help="What was asked or stood on the paper, word for word.")
@as_json_option
@refusing
def add(
    address: Address,
    source: str,
    by: Address,
    keys: tuple[str, ...],
    language: Language,
    wording: str,
    as_json: bool,
) -> None:
    """Subscribe EMAIL, who agreed by phone or on paper; they get a welcome mail."""
    settings, now = ports().settings, ports().clock()
    with ports().unit_of_work() as session:
        chosen = _notices(session, keys)
        ids = [notice.id for notice in chosen]
        added = subscriptions.add_by_staff(
            session,
            address,
            ids,
            language,
            source=source,
            by=str(by),
            wording=wording or ", ".join(notice.side(language).name for notice in chosen),
            hash_key=settings.hash_key,
            now=now,
            welcome=campaigns.welcome_facts(session, ids, language, public_url=settings.public_url, now=now),
        )
        names = [notice.key for notice in chosen if notice.id in added.notice_ids]
    say({"outcome": added.code, "subscriber": added.subscriber_id, "notices": names}, as_json)
    if added.code in ("suppressed", "complained"):
        raise click.ClickException(
            "This address may not be written to. See: flask suppressions list; flask suppressions lift"
        )


@subscribers.command("stop")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@source_option
@who_option
@notice_option
@as_json_option
@refusing
def stop(address: Address, source: str, by: Address, keys: tuple[str, ...], as_json: bool) -> None:
    """Stop EMAIL's notices, all of them unless --notice names some; it holds at once."""
    with ports().unit_of_work() as session:
        named = [notice.id for notice in _notices(session, keys)] if keys else None
        stopped = subscriptions.stop_by_staff(
            session,
            address,
            named,
            source=source,
            by=str(by),
            hash_key=ports().settings.hash_key,
            now=ports().clock(),
        )
        if stopped is None:
            raise Breach("subscriber-unknown")
        facts = {
            "stopped": [notice.key for notice in notices.by_ids(session, stopped.ended)],
            "stopped before": [notice.key for notice in notices.by_ids(session, stopped.before)],
        }
    say(facts, as_json)


@subscribers.command("show")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@click.option(
    "--tip", "name", metavar="NUMBER|SLUG", help="Only whether they got this tip, and why or why not."
)
@as_json_option
@refusing
def show(address: Address, name: str | None, as_json: bool) -> None:
    """Show what is known of EMAIL: choices, rhythm, last and next mails, proofs of consent, suppressions."""
    hash_key, now = ports().settings.hash_key, ports().clock()
    with ports().unit_of_work() as session:
        found = room.find_by_address(session, address, hash_key)
        held = suppression.of_address(session, address_key(hash_key, address))
        if found is None and (name or not held):
            raise Breach("subscriber-unknown")
        facts: dict[str, Any] = {"suppressions": [suppression_line(row) for row in held]}
        if found is not None:
            facts = described(session, found, now) | facts
        explained = explanation_of(session, found, named(session, name), now) if found and name else None
        zone = organisation.zone_of(session)
    if explained is None or as_json:
        say(explained or facts, as_json)
    else:
        click.echo(sentence(explained, zone))


def _notices(session: Session, keys: Sequence[str]) -> list[Notice]:
    """Return the notices named, or the only one there is. Raises UsageError, Breach."""
    if not keys:
        offered = notices.offered(session)
        if len(offered) != 1:
            names = ", ".join(notice.key for notice in offered)
            raise click.UsageError(f"Say which notice with --notice: {names}")
        return offered
    named = {key: notices.find_by_key(session, key) for key in keys}
    if missing := [key for key, notice in named.items() if notice is None]:
        raise Breach("notice-unknown", keys=",".join(missing))
    return [notice for notice in named.values() if notice is not None]
