"""``flask suppressions``: addresses not to be mailed; list, add by hand, lift. Addresses are not printed."""

from __future__ import annotations

from typing import Final, get_args

import click
from flask.cli import AppGroup

from newsletter_app import audit, suppression
from newsletter_app.cli import suppression_files
from newsletter_app.cli.addresses import ADDRESS
from newsletter_app.cli.subscribers import who_option
from newsletter_app.cli.terms import as_json_option, refusing, say
from newsletter_app.kernel.addresses import Address, address_key
from newsletter_app.kernel.errors import Breach
from newsletter_app.suppression import Scope
from newsletter_app.web.ports import ports

# The others are for the machine to find: a bounce, an erasure.
REASONS_BY_HAND: Final = ("by-hand", "legal", "complaint")

suppressions = AppGroup("suppressions", help="Addresses that are not to be mailed.")
for command in (suppression_files.export, suppression_files.import_file):
    suppressions.add_command(command)
scope_option = click.option(
    "--scope",
    type=click.Choice(get_args(Scope)),
    required=True,
    help="bulk: no newsletters. all: nothing whatever.",
)


@suppressions.command("list")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
@refusing
def list_suppressions(limit: int, as_json: bool) -> None:
    """List the newest ones; an address stands here as its keyed hash only."""
    with ports().unit_of_work() as session:
        rows = {
            f"{row.address_key} {row.scope}": f"{row.reason}, {row.created_at.isoformat()}, {row.source}"
            for row in suppression.listed(session, limit)
        }
    say(rows, as_json)


@suppressions.command("add")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@scope_option
@click.option("--reason", type=click.Choice(REASONS_BY_HAND), default="by-hand", show_default=True)
@who_option
@refusing
def add(address: Address, scope: Scope, reason: str, by: Address) -> None:
    """Write to EMAIL no more, even when somebody signs it up."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        key = address_key(ports().settings.hash_key, address)
        suppression.suppress(session, key, scope, reason, f"by {by}", now)
        audit.note(session, actor=str(by), action="suppression.added", subject=f"address:{key[:16]}", now=now)
    click.echo("Done. Nothing more is sent there." if scope == "all" else "Done. No newsletters go there.")


@suppressions.command("lift")
@click.argument("address", type=ADDRESS, metavar="EMAIL")
@scope_option
@who_option
@refusing
def lift(address: Address, scope: Scope, by: Address) -> None:
    """Allow writing to EMAIL again; it subscribes nobody."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        key = address_key(ports().settings.hash_key, address)
        if not suppression.lift(session, key, scope):
            raise Breach("suppression-unknown", scope=scope)
        audit.note(
            session, actor=str(by), action="suppression.lifted", subject=f"address:{key[:16]}", now=now
        )
    click.echo("Done. This address may be written to again.")
