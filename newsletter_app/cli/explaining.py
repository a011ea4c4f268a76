"""Whether a reader got a tip, in words for staff: a code, when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import organisation, planning
from newsletter_app import subscribers as people
from newsletter_app.cli.addresses import ADDRESS
from newsletter_app.cli.moments import in_words
from newsletter_app.cli.terms import as_json_option, refusing, say
from newsletter_app.cli.tip_care import named
from newsletter_app.kernel.addresses import Address
from newsletter_app.kernel.errors import Breach
from newsletter_app.planning import Code, Explanation
from newsletter_app.subscribers import Subscriber
from newsletter_app.tips import Tip
from newsletter_app.web.ports import ports

SENTENCES: Final[Mapping[Code, str]] = {
    Code.received: "Yes: a mail server took it on {at} ({campaign}).",
    Code.came_back: "No: a server took it on {at} ({campaign}), and it came back. {why}",
    Code.uncertain: "Perhaps: it was handed over on {at} ({campaign}), and no reply came.",
    Code.under_way: "It is being handed over now ({campaign}).",
    Code.queued: "It is planned for {at} ({campaign}).",
    Code.put_off: "Their server put it off; tried again on {at} ({campaign}). It said: {why}",
    Code.held: "It is planned, and its campaign is paused ({campaign}; {why}).",
    Code.comes_again: "Not yet: its mail was not sent to them; it comes with the next one ({cadence}), {at}.",
    Code.ahead: "Not yet: they read from tip 1, and are up to tip {why}; their next mail comes {at}.",
    Code.waits: "Not yet: it comes with their next mail ({cadence}), {at}.",
    Code.paused: "Not yet: they take a break until {at}.",
    Code.offered: "No: it came out during their break. It is offered on their page, and mailed if they ask.",
    Code.suppressed: "No: nothing may be mailed to this address ({why}). See flask suppressions.",
    Code.refused: "No: it was refused on {at} ({campaign}): {why}",
    Code.ended: "No: they stopped ({at}).",
    Code.dropped: "No: its campaign was cancelled, and its tip dropped.",
    Code.withdrawn: "No: the tip was taken back on {at}.",
    Code.confirmed_after: "No: they confirmed on {at}, after the tip had gone out.",
    Code.not_kept: "It went out on {at}, and who got it is no longer kept.",
    Code.unconfirmed: "No: they never confirmed (asked on {at}).",
    Code.not_subscribed: "No: they do not read the notice {notice}.",
    Code.scheduled: "Not yet: its launch is due {at}.",
    Code.not_sent: "No: the tip was not sent to any notice.",
}


def explanation_of(session: Session, reader: Subscriber, tip: Tip, now: datetime) -> dict[str, Any]:
    """Return why a reader did or did not get a tip, as JSON can hold it; an id, no address."""
    found = planning.explain(planning.known_of(session, reader, tip, now), now)
    return {"tip": tip.number or tip.sides[0].slug, "subscriber": reader.id} | asdict(found)


def sentence(told: Mapping[str, Any], zone: str) -> str:
    """Return the explanation as one sentence or two."""
    found = Explanation(*(told[name] for name in ("code", "at", "campaign", "notice", "why")))
    at = in_words(found.at, zone) if found.at is not None else "no day is known yet"
    facts = {"at": at, "campaign": found.campaign, "notice": found.notice, "why": found.why}
    return SENTENCES[found.code].format(**facts, cadence=found.why).strip()


@click.command("explain")
@click.argument("name", metavar="NUMBER|SLUG")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@as_json_option
@with_appcontext
@refusing
def explain(name: str, address: Address, *, as_json: bool) -> None:
    """Say whether EMAIL got a tip, and why or why not."""
    with ports().unit_of_work() as session:
        reader = people.find_by_address(session, address, ports().settings.hash_key)
        if reader is None:
            raise Breach("subscriber-unknown")
        told = explanation_of(session, reader, named(session, name.removeprefix("tip:")), ports().clock())
        zone = organisation.zone_of(session)
    if as_json:
        say(told, as_json)
    else:
        click.echo(sentence(told, zone))
