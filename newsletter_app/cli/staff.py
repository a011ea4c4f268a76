"""``flask staff``: who works in the console; invite, give roles, let in no more, help who is locked out."""

from __future__ import annotations

from typing import Any, cast

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import identity
from newsletter_app.cli.addresses import ADDRESS
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.identity import ROLES, Role, Staff
from newsletter_app.kernel.addresses import Address
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.web.ports import ports

staff = AppGroup("staff", help="Who works in the console, and as what.")
email_argument = click.argument("address", type=ADDRESS, metavar="EMAIL")


@staff.command("create")
@email_argument
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@by_option
@refusing
def create(address: Address, role: str, language: Language, by: str) -> None:
    """Invite a person: they are mailed the link that is also printed here."""
    with ports().unit_of_work() as session:
        made = identity.invite(
            session, str(address), cast(Role, role), language, by=by, hash_key=ports().settings.hash_key,
            now=ports().clock(),
        )  # fmt: skip
        _tell_link(made, "7 days")


@staff.command("list")
@as_json_option
@refusing
def list_staff(as_json: bool) -> None:
    """Print everyone, by address."""
    with ports().unit_of_work() as session:
        rows = [_row(each) for each in identity.everyone(session)]
    say_rows(rows, as_json, line=_line, none="Nobody yet. flask staff create EMAIL --role owner invites.")


@staff.command("role")
@email_argument
@click.argument("role", type=click.Choice(ROLES))
@by_option
@refusing
def set_role(address: Address, role: str, by: str) -> None:
    """Give a person another role; they are signed out everywhere."""
    with ports().unit_of_work() as session:
        found = _found(session, address)
        identity.set_role(session, found, cast(Role, role), by=by, now=ports().clock())
    click.echo(f"{address} is {role} now.")


@staff.command("disable")
@email_argument
@by_option
@refusing
def disable(address: Address, by: str) -> None:
    """Let a person in no more, from this moment."""
    with ports().unit_of_work() as session:
        identity.disable(session, _found(session, address), by=by, now=ports().clock())
    click.echo(f"{address} is let in no more.")


@staff.command("enable")
@email_argument
@by_option
@refusing
def enable(address: Address, by: str) -> None:
    """Let a disabled person in again."""
    with ports().unit_of_work() as session:
        identity.enable(session, _found(session, address), by=by, now=ports().clock())
    click.echo(f"{address} is let in again.")


@staff.command("reset")
@email_argument
@click.option("--second-factor", is_flag=True, help="Also take off the phone that was lost.")
@by_option
@refusing
def reset(address: Address, second_factor: bool, by: str) -> None:
    """Print a link by which a person chooses a new password; it holds for an hour."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        found = _found(session, address)
        identity.give_password_link(session, found, by=by, now=now)
        if second_factor:
            identity.forget_second_factor(session, found, by=by, now=now)
        _tell_link(found, "one hour")


@staff.command("begin")
@refusing
def begin() -> None:
    """Print the link of the first start, which makes whoever opens it the owner."""
    with ports().unit_of_work() as session:
        link = identity.first_link(session)
    if link is None:
        raise click.ClickException("The first start is over. flask staff create EMAIL --role owner invites.")
    click.echo(link.url(ports().links))


def _tell_link(whose: Staff, life: str) -> None:
    # Printed on purpose: whoever types here can write to the database as well.
    click.echo(f"{whose.address} chooses a password here, within {life}:")
    click.echo(f"  {identity.password_link(whose).url(ports().links)}")


def _found(session: Session, address: Address) -> Staff:
    found = identity.by_address(session, str(address), hash_key=ports().settings.hash_key)
    if found is None:
        raise click.ClickException(f"Nobody on the staff has the address {address}. See flask staff list.")
    return found


def _row(each: Staff) -> dict[str, Any]:
    return {
        "email": each.address,
        "role": each.role,
        "state": each.state,
        "language": as_language(each.language),
        "second_factor": each.has_second_factor,
        "signed_in_at": each.signed_in_at.isoformat() if each.signed_in_at else None,
    }


def _line(row: dict[str, Any]) -> str:
    codes = "with codes" if row["second_factor"] else "without codes"
    return f"{row['email']}: {row['role']}, {row['state']}, {codes}, last in {row['signed_in_at'] or 'never'}"
