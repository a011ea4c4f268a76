"""``flask prepare``: schema to the newest revision, keys checked, sample content in an empty try-out."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from newsletter_app import identity, tips
from newsletter_app.cli.kept_pictures import KeptPictures
from newsletter_app.cli.patience import patiently
from newsletter_app.cli.sample import load_sample, read_sample
from newsletter_app.ledger import check_keys
from newsletter_app.organisation import find as find_organisation
from newsletter_app.web.ports import ports


@click.command("prepare")
@click.option("--on-terminal", is_flag=True, help="A person reads this: print the link of the first start.")
@with_appcontext
def prepare(on_terminal: bool) -> None:
    """Upgrade the database, refuse foreign keys, and load the sample into an empty try-out."""
    open_ports = ports()
    # Who keeps the keys elsewhere has had no folder made for them, and SQLite makes a file but no folder.
    open_ports.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    patiently(open_ports.engine, _prepare)
    _tell_first_start(on_terminal=on_terminal)


def _prepare() -> None:
    """Do it all; what was done already is left as it is."""
    open_ports = ports()
    upgrade(directory=current_app.extensions["migrate"].directory)
    with open_ports.unit_of_work() as session:
        faults = check_keys(session, open_ports.settings.key_fingerprints, open_ports.clock())
        # Tips that were published before there was a search; later ones it knows already.
        tips.put_up_missing(session, open_ports.clock())
    if faults:
        raise click.ClickException("\n".join(faults))
    if open_ports.settings.is_tryout:
        _load_sample_once()


def _tell_first_start(*, on_terminal: bool) -> None:
    """Print the way in while nobody works here; the link on a terminal alone, never into a log (S28)."""
    with ports().unit_of_work() as session:
        link = identity.first_link(session)
    if link is None:
        return
    if on_terminal:
        click.echo(f"Set everything up here:  {link.url(ports().links)}")
    else:
        click.echo("Nobody works in the console yet; flask staff begin prints the link that sets it up.")


def _load_sample_once() -> None:
    with ports().unit_of_work() as session:
        if find_organisation(session) is not None:
            return
    with KeptPictures() as kept:
        read = read_sample(kept)
        with ports().unit_of_work() as session:
            # Looked at again: another process may have prepared the same database meanwhile.
            if find_organisation(session) is None:
                load_sample(session, read, kept)
