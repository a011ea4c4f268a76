"""``flask doctor records``: the DNS records to publish, as text to copy; it asks no name server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app import organisation
from newsletter_app.adapters.sender_check import sender_of
from newsletter_app.authentication import Record, records_to_publish
from newsletter_app.cli.terms import as_json_option, refusing, say_rows
from newsletter_app.web.ports import ports

NOTES: Final[Mapping[str, str]] = {
    "spf": (
        "SPF says which servers may send for this domain. One record only: if there is one already, add the"
        " words in the middle to it."
    ),
    "spf-guessed": (
        "SPF says which servers may send for this domain. Most providers prescribe an include: of their own,"
        " which cannot be known from here: put it in the place of a: below. One record only: if there is one"
        " already, add the words in the middle to it."
    ),
    "spf-nobody": (
        "SPF says which servers may send for this domain. SMTP_URL names none yet, so this record lets nobody"
        " send: set it first."
    ),
    "dkim": "DKIM holds the key that proves our signatures.",
    "dkim-spare": "DKIM, a key that signs nothing yet: publish it before `flask dkim use`.",
    "dmarc": (
        "DMARC asks others to check both. Begin with p=none; once mail has gone out well for some weeks, say"
        " p=quarantine. If there is a record here already, keep it."
    ),
    "mx": "MX says where bounces go: the server that takes mail for this domain, here this machine.",
    "mx-kept": "MX: bounces come back to the sender's own domain, which keeps the MX record it has.",
}
NO_KEY: Final = "; DKIM: there is no key yet. Make one: flask dkim new"


@click.command("records")
@as_json_option
@with_appcontext
@refusing
def records(as_json: bool) -> None:
    """Print the DNS records to publish: SPF, DKIM, DMARC, and the bounce domain's MX."""
    sender = sender_of(ports().settings)
    rows = [_row(record) for record in records_to_publish(sender, _reports_to())]
    say_rows(rows, as_json, line=_line, none="")
    if not sender.keys and not as_json:
        click.echo(NO_KEY)
    if sender.key_fault:
        click.echo(f"; {sender.key_fault}", err=True)


def _row(record: Record) -> dict[str, Any]:
    return {
        "purpose": record.purpose,
        "name": record.name,
        "type": record.kind,
        "value": record.value,
        "zone": record.as_zone() if record.value else "",
        "note": NOTES[record.purpose],
    }


def _line(row: dict[str, Any]) -> str:
    """Return a comment and a line of a zone file, so that all of it can be pasted."""
    return "\n".join([f"; {row['note']}", *([row["zone"]] if row["zone"] else []), ""])


def _reports_to() -> str:
    """Return who hears of trouble with sending; before there is a database, nobody."""
    try:
        with ports().unit_of_work() as session:
            whole = organisation.find(session)
            return whole.alert_address if whole is not None else ""
    except SQLAlchemyError:
        return ""
