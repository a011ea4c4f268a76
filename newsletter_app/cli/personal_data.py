"""``flask subscribers erase``: for somebody who wrote or called and does not press it themselves."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from newsletter_app import privacy
from newsletter_app.cli.subscribers import ADDRESS, who_option
from newsletter_app.cli.terms import as_json_option, refusing, say
from newsletter_app.kernel.addresses import Address
from newsletter_app.web.ports import ports


@click.command("erase")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@who_option
@as_json_option
@click.confirmation_option(prompt="This cannot be undone. Erase all that is held about this person?")
@with_appcontext
@refusing
def erase(address: Address, by: Address, as_json: bool) -> None:
    """Remove EMAIL and all that names its person; a keyed hash stays, so that nothing is sent there."""
    with ports().unit_of_work() as session:
        whose = privacy.subject_at(session, address, ports().settings.hash_key)
        found = privacy.erase(session, whose, by=str(by), now=ports().clock())
    facts = {
        "subscriber": "erased" if found.was_subscriber else "none",
        "signups": found.signups,
        "service mails": found.service_mails,
        "deliveries emptied": found.deliveries,
        "mails that came back": found.came_back,
    }
    say(facts, as_json)
