"""``flask organisation``: set and show who sends; the law asks for name, postal address and one contact."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import audit
from newsletter_app import organisation as room
from newsletter_app.cli.kept_pictures import KeptPictures
from newsletter_app.cli.lacks import lack
from newsletter_app.cli.moments import ZONE
from newsletter_app.cli.rhythm import rhythm
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.organisation import Organisation
from newsletter_app.web.ports import ports

organisation = AppGroup("organisation", help="Who sends: names, addresses, contacts, time zone, rhythm.")
organisation.add_command(rhythm)


@organisation.command("set")
@click.option("--charity-number")
@click.option("--email", help="Readers write here; it stands in every mail.")
@click.option("--phone")
@click.option("--website")
@click.option("--donation-url")
@click.option("--privacy-contact", help="Who answers questions about personal data.")
@click.option("--alert-address", help="Who hears of trouble with sending.")
@click.option("--time-zone", type=ZONE, metavar="ZONE", help="For example America/Edmonton.")
@click.option("--default-language", type=click.Choice(LANGUAGES))
@click.option(
    "--writers-approve/--others-approve",
    default=None,
    help="Whether whoever wrote a tip may approve it, or another person must.",
)
@click.option("--main-colour", metavar="#RRGGBB", help="Links, buttons and rules, on light paper.")
@click.option(
    "--main-colour-dark", metavar="#RRGGBB", help="The same on dark paper (default: made to match)."
)
@click.option("--accent-colour", metavar="#RRGGBB", help="Behind the number of a tip.")
@click.option("--logo", metavar="PICTURE", help="A PNG, JPEG, GIF or WebP file, for pages and mails.")
@click.option("--name-en")
@click.option("--name-fr")
@click.option("--appeal-en", help="Why a gift helps; it stands under every tip.")
@click.option("--appeal-fr")
@click.option("--postal-address-en")
@click.option("--postal-address-fr")
@by_option
@refusing
def set_organisation(by: str, logo: str | None, writers_approve: bool | None, **values: str | None) -> None:
    """Set what is given; what is not given stays as it is, and "" empties it."""
    given = {name: value for name, value in values.items() if value is not None}
    picture = _picture(logo) if logo else None
    if not given and logo is None and writers_approve is None:
        raise click.UsageError("Nothing is given to set; flask organisation set --help lists what there is.")
    with KeptPictures() as kept:
        shown = kept.keep(picture.read_bytes(), picture.name) if picture else None
        with ports().unit_of_work() as session:
            if logo is not None:
                given["logo"] = kept.record(session)[shown.sha256].name if shown else ""
            whole = _set(session, given, by, writers_approve)
            missing = room.missing_identification(whole)
    click.echo("The organisation is set.")
    for line in _contrasts(whole) if given.keys() & set(room.COLOURS) else ():
        click.echo(f"  {line}")
    if missing:
        click.echo("Before anybody can subscribe, the law asks for more:")
    for code in missing:
        click.echo(f"  {lack(code)}")


@organisation.command("review")
@click.option("--by-another/--by-anybody", required=True, help="Who may approve a tip.")
@by_option
@refusing
def set_review(by: str, by_another: bool) -> None:
    """Say whether a tip is approved by another person than its writer."""
    with ports().unit_of_work() as session:
        room.set_review(session, writer_may_approve=not by_another)
        details = {"writer_may_approve": not by_another}
        audit.note(session, actor=by, action="organisation.review", details=details, now=ports().clock())
    who = "Somebody other than its writer approves a tip." if by_another else "Its writer may approve a tip."
    click.echo(who)


@organisation.command("show")
@as_json_option
@refusing
def show(as_json: bool) -> None:
    """Print everything that is set."""
    with ports().unit_of_work() as session:
        whole = room.get(session)
        facts = {name: getattr(whole, name) for name in sorted(room.FACTS)}
        facts["writer_may_approve"] = whole.writer_may_approve
        for language in LANGUAGES:
            side = whole.side(language)
            facts |= {f"{name}_{language}": getattr(side, name) for name in sorted(room.WORDS)}
    say(facts, as_json)


def _set(session: Session, given: dict[str, str], by: str, writers_approve: bool | None) -> Organisation:
    whole = room.set_facts(session, **{name: given[name] for name in room.FACTS & given.keys()})
    for language in LANGUAGES:
        whole = room.set_words(session, language, **_words(given, language))
    if writers_approve is not None:
        room.let_writer_approve(session, writers_approve)
    decided = [] if writers_approve is None else ["writer_may_approve"]
    details = {"names": sorted([*given, *decided])}
    audit.note(session, actor=by, action="organisation.set", details=details, now=ports().clock())
    return whole


def _picture(path: str) -> Path:
    found = Path(path)
    if not found.is_file():
        raise click.BadParameter(f"there is no file {path}.", param_hint="--logo")
    return found


def _contrasts(whole: Organisation) -> list[str]:
    """Return where each colour is read and how well, the house's own too."""
    return [
        f"{pair.name.replace('_', ' ')} {pair.colour} and {pair.against} {pair.other} ({pair.scheme}):"
        f" {pair.ratio:.1f} to 1, {pair.needed:g} is needed"
        for pair in room.pairs(room.palette_of(whole))
    ]


def _words(given: dict[str, str], language: Language) -> dict[str, str]:
    return {name: given[key] for name in room.WORDS if (key := f"{name}_{language}") in given}
