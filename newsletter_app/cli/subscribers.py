"""``flask subscribers``: what was said by phone or on paper, recorded; what is known of one address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import campaigns, notices, planning, subscriptions, suppression
from newsletter_app import subscribers as room
from newsletter_app.cli.terms import as_json_option, refusing, say
from newsletter_app.kernel.addresses import Address, AddressFault, address_key, parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.kernel.words import DAYS
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import STAFF_SOURCES, Series, Subscription
from newsletter_app.web.ports import ports

subscribers = AppGroup("subscribers", help="People who asked by phone or on paper.")


class AddressParameter(click.ParamType[Address]):
    """An e-mail address; refuses what is none before anything is opened."""

    name = "email"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Address:
        """Return the address that was typed."""
        if isinstance(value, Address):
            return value
        try:
            return parse_address(str(value))
        except AddressFault as fault:
            self.fail(f"{value!r} is no e-mail address ({fault.code})", param, context)


ADDRESS = AddressParameter()
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
@as_json_option
@refusing
def show(address: Address, as_json: bool) -> None:
    """Show what is known of EMAIL: choices, rhythm, next mail, proofs of consent, suppressions."""
    hash_key = ports().settings.hash_key
    with ports().unit_of_work() as session:
        found = room.find_by_address(session, address, hash_key)
        held = suppression.of_address(session, address_key(hash_key, address))
        facts: dict[str, Any] = {"suppressions": [f"{row.scope}: {row.reason}" for row in held]}
        if found is not None:
            facts = _described(session, found) | facts
        elif not held:
            raise Breach("subscriber-unknown")
    say(facts, as_json)


def _described(session: Session, subscriber: Subscriber) -> dict[str, Any]:
    rows = subscriptions.of_subscriber(session, subscriber.id)
    records = subscriptions.consents_of(session, subscriber.id)
    keys = {notice.id: notice.key for notice in notices.by_ids(session, {row.notice_id for row in records})}
    keys |= {notice.id: notice.key for notice in notices.by_ids(session, {row.notice_id for row in rows})}
    return {
        "subscriber": subscriber.id,
        "address": subscriber.address,
        "name": subscriber.name,
        "language": subscriber.language,
        "layout": subscriber.layout,
        **_rhythm(session, subscriber, rows, keys),
        "since": subscriber.created_at.isoformat(),
        "notices": {keys[row.notice_id]: row.state for row in rows},
        "consent": [
            f"{row.at.isoformat()} {row.act} {keys[row.notice_id]} ({row.source})" for row in records
        ],
    }


def _rhythm(
    session: Session, subscriber: Subscriber, rows: Sequence[Subscription], keys: Mapping[int, str]
) -> dict[str, Any]:
    """Return when and how often mail comes; None is the organisation's to say, or nothing known."""
    next_at = planning.next_mail_at(session, subscriber.id, ports().clock())
    series = subscriptions.series_of(session, [row.id for row in rows if row.state == "active"])
    return {
        "cadences": {keys[row.notice_id]: row.cadence for row in rows if row.state == "active"},
        "series": {keys[row.notice_id]: _pace(series[row.id]) for row in rows if row.id in series},
        "weekday": DAYS["en"][subscriber.weekday] if subscriber.weekday is not None else None,
        "hour": subscriber.hour,
        "time zone": subscriber.time_zone,
        "paused until": subscriber.paused_until.isoformat() if subscriber.paused_until else None,
        "next mail": next_at.isoformat() if next_at else None,
    }


def _pace(series: Series) -> str:
    """Say how somebody reads from tip 1, and how far they are."""
    state = "finished" if series.finished_at else series.pace
    return f"{state}, up to tip {series.position}"


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
