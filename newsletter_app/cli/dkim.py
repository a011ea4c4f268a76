"""``flask dkim``: make keys that sign mails, print the DNS records that prove them, choose which sign."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup

from newsletter_app import audit
from newsletter_app.campaigns import selectors_in_flight
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.mail import KeyRefused, Keyring, SigningKey
from newsletter_app.mail.dkim_keys import ALGORITHMS, Algorithm
from newsletter_app.web.ports import ports

dkim = AppGroup("dkim", help="Keys that sign mails, so that others believe who sent them.")


@dkim.command("new")
@click.option("--selector", metavar="NAME", help="Its name in the DNS; one made of the date if not given.")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), default="rsa", show_default=True)
@by_option
@refusing
def new(selector: str | None, algorithm: Algorithm, by: str) -> None:
    """Make a key and print the DNS record to publish; it signs nothing before `flask dkim use`."""
    now = ports().clock()
    selector = selector or f"{algorithm[0]}{now:%Y%m%d}"
    with _in_words(), ports().unit_of_work() as session:
        audit.note(session, actor=by, action="dkim.new", subject=f"dkim:{selector}", now=now)
        key = _keyring().make(selector, algorithm)
    click.echo(f"Key {selector} is made, and signs nothing yet. Publish this TXT record:\n")
    click.echo(f"{key.record_name(_domain())}.\n{key.record_strings()}\n")
    click.echo(
        "Where a web form asks for the value, it is one text without quotes and without the space between."
    )
    click.echo(f"When the record can be seen by everybody: flask dkim use {_with_rsa(key)}")


@dkim.command("list")
@as_json_option
@refusing
def list_keys(as_json: bool) -> None:
    """List every key: whether it signs, whether mails under way need it, and its DNS record."""
    keyring = _keyring()
    with ports().unit_of_work() as session:
        needed = selectors_in_flight(session)
    with _in_words():
        chosen = keyring.chosen()
    rows = [_row(keyring, selector, chosen, needed) for selector in sorted({*keyring.selectors(), *chosen})]
    none = "There are no keys: mails leave unsigned. See flask dkim new --help."
    say_rows(rows, as_json, line=_line, none=none)


@dkim.command("use")
@click.argument("selectors", metavar="SELECTOR...", nargs=-1, required=True)
@by_option
@refusing
def use(selectors: tuple[str, ...], by: str) -> None:
    """Sign with these keys from now on: an RSA key, and an Ed25519 key beside it if wanted.

    Publish their records first. Mails already begun keep the keys they were begun with.
    """
    now = ports().clock()
    with _in_words(), ports().unit_of_work() as session:
        details = {"selectors": sorted(selectors)}
        audit.note(session, actor=by, action="dkim.use", details=details, now=now)
        chosen = _keyring().use(selectors)
        needed = selectors_in_flight(session) - {key.selector for key in chosen}
    click.echo(f"What is first sent from now on is signed by {_names([key.selector for key in chosen])}.")
    if needed:
        click.echo(f"Mails under way still need {_names(sorted(needed))}: keep key and record for now.")


def _row(keyring: Keyring, selector: str, chosen: tuple[str, ...], needed: set[str]) -> dict[str, Any]:
    row = {"selector": selector, "signs": selector in chosen, "needed": selector in needed}
    try:
        key = keyring.find(selector)
    except KeyRefused as refused:
        return {**row, "refused": str(refused)}
    return {
        **row,
        "algorithm": key.algorithm,
        "record_name": key.record_name(_domain()),
        "record": key.record(),
        "record_strings": key.record_strings(),
    }


def _line(row: dict[str, Any]) -> str:
    states = {"signs": row["signs"], "needed by mails under way": row["needed"]}
    told = ", ".join(state for state, holds in states.items() if holds) or "signs nothing"
    if "refused" in row:
        return f"{row['selector']} ({told})\n  {row['refused']}"
    return (
        f"{row['selector']} ({row['algorithm']}, {told})\n  {row['record_name']}.\n  {row['record_strings']}"
    )


def _with_rsa(key: SigningKey) -> str:
    return key.selector if key.algorithm == "rsa" else f"{key.selector} and the selector of an RSA key"


def _names(selectors: list[str]) -> str:
    return " and ".join(selectors)


def _keyring() -> Keyring:
    return Keyring(ports().settings.dkim_dir)


def _domain() -> str:
    return ports().settings.mail_from.rpartition("@")[2]


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except KeyRefused as refused:
        raise click.ClickException(f"{refused} Nothing was changed.") from refused
    except OSError as fault:
        raise click.ClickException(f"{fault.filename}: {fault.strerror}. Nothing was changed.") from fault
