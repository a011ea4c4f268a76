"""``flask organisation``: set and show who sends; the law asks for name, postal address and one contact."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from newsletter_app import audit
from newsletter_app import organisation as room
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.web.ports import ports

organisation = AppGroup("organisation", help="Who sends: names, addresses, contacts, time zone.")


@organisation.command("set")
@click.option("--charity-number")
@click.option("--email")
@click.option("--phone")
@click.option("--website")
@click.option("--donation-url")
@click.option("--privacy-contact", help="Who answers questions about personal data.")
@click.option("--alert-address", help="Who hears of trouble with sending.")
@click.option("--time-zone", help="For example America/Edmonton.")
@click.option("--default-language", type=click.Choice(LANGUAGES))
@click.option("--name-en")
@click.option("--name-fr")
@click.option("--appeal-en")
@click.option("--appeal-fr")
@click.option("--postal-address-en")
@click.option("--postal-address-fr")
@by_option
@refusing
def set_organisation(by: str, **values: str | None) -> None:
    """Set what is given; what is not given stays as it is."""
    given = {name: value for name, value in values.items() if value is not None}
    with ports().unit_of_work() as session:
        room.set_facts(session, **{name: value for name, value in given.items() if name[-3:] not in _ENDINGS})
        for language in LANGUAGES:
            words = {name[:-3]: value for name, value in given.items() if name.endswith(f"_{language}")}
            whole = room.set_words(session, language, **words)
        missing = room.missing_identification(whole)
        audit.note(
            session,
            actor=by,
            action="organisation.set",
            details={"names": sorted(given)},
            now=ports().clock(),
        )
    click.echo("The organisation is set.")
    if missing:
        click.echo(f"Still missing before anybody can subscribe: {', '.join(missing)}.")


@organisation.command("show")
@as_json_option
@refusing
def show(as_json: bool) -> None:
    """Print everything that is set."""
    with ports().unit_of_work() as session:
        whole = room.get(session)
        facts = {name: getattr(whole, name) for name in sorted(room.FACTS)}
        for side in whole.sides:
            facts |= {f"{name}_{side.language}": getattr(side, name) for name in sorted(room.WORDS)}
    say(facts, as_json)


_ENDINGS = {f"_{language}" for language in LANGUAGES}
