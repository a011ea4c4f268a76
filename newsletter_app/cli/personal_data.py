"""``flask subscribers data`` and ``erase``, for somebody who wrote or called and presses nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Final

import click
from flask.cli import with_appcontext

from config import ROOT
from newsletter_app import audit, privacy, subscribers
from newsletter_app.cli.addresses import ADDRESS
from newsletter_app.cli.subscribers import who_option
from newsletter_app.cli.terms import as_json_option, refusing, say
from newsletter_app.kernel.addresses import Address
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.mail.render import environment
from newsletter_app.web.ports import ports

TEMPLATES: Final = ROOT / "templates"
TRANSLATIONS: Final = ROOT / "newsletter_app" / "translations"


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


@click.command("data")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The zip to write."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the explanations; else the person's own.")
@who_option
@with_appcontext
@refusing
def data(address: Address, out: Path, language: Language | None, by: Address) -> None:
    """Write a copy of all that is held about EMAIL's person into one file, for them alone."""
    now, hash_key = ports().clock(), ports().settings.hash_key
    with ports().unit_of_work() as session, _private(out) as file:
        whose = privacy.subject_at(session, address, hash_key)
        reader = subscribers.find(session, whose.subscriber_id or 0)
        spoken = language or as_language(reader.language if reader else "en")
        privacy.pack(session, whose, file, environment(spoken, TEMPLATES, TRANSLATIONS), now)
        subject = f"subscriber:{whose.subscriber_id or 'none'}"
        audit.note(session, actor=str(by), action="subscriber.data", subject=subject, now=now)
    click.echo(f"{out}: give it to nobody but the person, once you are sure who asks.")


def _private(path: Path) -> IO[bytes]:
    """Open a new file that only we can read. Raises ClickException where one stands or none can be made."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as fault:
        raise click.ClickException(f"{path}: {fault.strerror}.") from fault
