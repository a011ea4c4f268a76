"""``flask pace``: how fast mail may leave, overall, by server and by recipient domain; warm-ups by day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import audit, organisation
from newsletter_app import pace as room
from newsletter_app.cli.pace_rows import called, line, rates, warm_ups
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.pace import SCOPES, WARMED, Warming, day_of
from newsletter_app.web.ports import ports

pace = AppGroup("pace", help="How fast mail may leave, and how a warm-up grows.")


class DecimalParameter(click.ParamType[Decimal]):
    """A decimal number, kept exactly; which ones are allowed is the room's to say."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Decimal:
        """Return the number that was typed."""
        try:
            return Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is no number; write it as 100 or 0.5", param, context)


DECIMAL = DecimalParameter()
name_argument = click.argument("name", default="", metavar="[HOST:PORT|DOMAIN]")


@pace.command("set")
@click.argument("scope", type=click.Choice(SCOPES))
@name_argument
@click.option("--per-second", type=DECIMAL, required=True, metavar="N", help="Messages, such as 100 or 0.5.")
@by_option
@refusing
def set_limit(scope: str, name: str, per_second: Decimal, by: str) -> None:
    """Let at most N messages a second leave: overall, through a server, or to a recipient domain."""
    with ports().unit_of_work() as session:
        kept = room.set_limit(session, scope, name, per_second)
        _note(session, by, "pace.set", called(scope, kept), {"per_second": str(per_second)})
    click.echo(f"{called(scope, kept)}: at most {per_second} a second from now on.")


@pace.command("warm-up")
@click.argument("scope", type=click.Choice(WARMED))
@name_argument
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="The first day; default: today.")
@click.option("--messages", type=int, required=True, metavar="N", help="How many leave on the first day.")
@click.option("--growth", type=DECIMAL, default="1.5", show_default=True, help="Each day so many times more.")
@click.option("--ceiling", type=int, required=True, metavar="N", help="How many a day in the end.")
@by_option
@refusing
def set_warm_up(
    scope: str,
    name: str,
    first_day: datetime | None,
    messages: int,
    growth: Decimal,
    ceiling: int,
    by: str,
) -> None:
    """Cap the messages of each day, growing from the first day on; for a new server or sending address."""
    with ports().unit_of_work() as session:
        today = day_of(ports().clock(), organisation.zone_of(session))
        warming = Warming(first_day.date() if first_day else today, messages, growth, ceiling)
        kept = room.set_warm_up(session, scope, name, warming)
        facts = {name: str(value) for name, value in asdict(warming).items()}
        _note(session, by, "pace.warmed", called(scope, kept), facts)
    click.echo(f"{called(scope, kept)}: at most {warming.cap(today)} messages today.")


@pace.command("drop")
@click.argument("scope", type=click.Choice(SCOPES))
@name_argument
@click.option("--warm-up", "is_warm_up", is_flag=True, help="The warm-up, not the rate.")
@by_option
@refusing
def drop(scope: str, name: str, is_warm_up: bool, by: str) -> None:
    """Lift a limit."""
    what = "warm-up" if is_warm_up else "rate"
    with ports().unit_of_work() as session:
        kept = (room.drop_warm_up if is_warm_up else room.drop_limit)(session, scope, name)
        _note(session, by, "pace.dropped", called(scope, kept), {"what": what})
    click.echo(f"{called(scope, kept)}: the {what} holds no more.")


@pace.command("list")
@as_json_option
@refusing
def list_limits(as_json: bool) -> None:
    """List the rates, and the warm-ups with what today has used of them."""
    with ports().unit_of_work() as session:
        limits, zone = room.limits(session).with_servers(_rates_of_servers()), organisation.zone_of(session)
        today = day_of(ports().clock(), zone)
        rows = [*rates(limits), *warm_ups(session, limits, today, zone)]
    say_rows(rows, as_json, line=line, none="Nothing is limited: mail leaves as fast as the server takes it.")


def _rates_of_servers() -> dict[str, Decimal]:
    """Return what SMTP_URL says; of two rates for one server the lower holds."""
    return {str(server): server.rate for server in ports().settings.smtp if server.rate is not None}


def _note(session: Session, by: str, action: str, what: str, details: dict[str, str]) -> None:
    subject = f"pace:{what}"[:120]
    audit.note(session, actor=by, action=action, subject=subject, details=details, now=ports().clock())
