"""``flask tips rehearse``: a tip's mail to one address, as its readers would get it; none of them does."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import audit, rehearsal, subscribers, tips
from newsletter_app.cli.terms import by_option, refusing
from newsletter_app.cli.tip_care import named
from newsletter_app.cli.tip_checks import composer
from newsletter_app.kernel.addresses import Address, AddressFault, parse_address
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.rehearsal import Seat
from newsletter_app.tips import Tip
from newsletter_app.web.ports import ports

LAYOUTS: Final = ("standard", "large", "text")


@click.command("rehearse")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--to", required=True, metavar="EMAIL", help="Who gets it: you, say.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: each that is written.")
@click.option("--layout", type=click.Choice(LAYOUTS), default=LAYOUTS[0], show_default=True)
@click.option("--as-reader", metavar="EMAIL", help="As this reader would get it; they get nothing.")
@by_option
@refusing
def rehearse(
    name: str, to: str, language: Language | None, layout: str, as_reader: str | None, by: str
) -> None:
    """Send a tip's mail to one address before anybody else gets it. Its links are nobody's."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        tip = named(session, name)
        seats = _seats(session, tip, language, layout, as_reader, now)
        for seat in seats:
            rehearsal.rehearse(
                session, tip, seat, to=str(_parsed(to)), by=by, composer=composer(now),
                hash_key=ports().settings.hash_key, now=now,
            )  # fmt: skip
            details = {"language": seat.language, "layout": seat.layout}
            subject = f"tip:{tip.id}"
            audit.note(session, actor=by, action="tip.rehearsed", subject=subject, details=details, now=now)
    click.echo(f"On its way: {', '.join(f'{seat.language}, {seat.layout}' for seat in seats)}.")


def _seats(
    session: Session, tip: Tip, language: Language | None, layout: str, as_reader: str | None, now: datetime
) -> list[Seat]:
    if as_reader is not None:
        reader = subscribers.find_by_address(session, _parsed(as_reader), ports().settings.hash_key)
        if reader is None:
            raise click.ClickException("Nobody with this address gets our mail.")
        return [rehearsal.seat_of(session, reader)]
    written = tips.languages_of(session, tip)
    seats = [Seat(each, layout, now) for each in written if language in (None, each)]
    if not seats:
        raise click.ClickException("Nothing of it is written in this language.")
    return seats


def _parsed(text: str) -> Address:
    try:
        return parse_address(text)
    except AddressFault as fault:
        raise click.ClickException(f"{text!r} is no e-mail address.") from fault
