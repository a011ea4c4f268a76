"""The terms all commands share: who records it, JSON or lines, and refusals as one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from getpass import getuser
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from newsletter_app.kernel.errors import Breach

Command = TypeVar("Command", bound=Callable[..., Any])

by_option = click.option(
    "--by", default=lambda: f"{getuser()} (terminal)", help="Your e-mail, for the record."
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")


def refusing(command: Command) -> Command:
    """Turn a room's Breach into one line on the terminal and exit code 1; nothing was written then."""

    @wraps(command)
    def run(*arguments: Any, **keywords: Any) -> Any:
        try:
            return command(*arguments, **keywords)
        except Breach as breach:
            raise click.ClickException(f"{breach}. Nothing was changed.") from breach

    return run  # type: ignore[return-value]


def say(facts: Mapping[str, Any], as_json: bool) -> None:
    """Print facts as JSON, or a line each."""
    if as_json:
        click.echo(json.dumps(dict(facts), ensure_ascii=False, default=str, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


def local_moment(text: str, zone: str) -> datetime:
    """Return the moment that a local time is in ``zone``. Raises BadParameter, also for a skipped hour."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError) as fault:
        raise click.BadParameter(
            f"{text!r} in {zone!r}: write 2026-12-01 09:00 and a zone such as America/Edmonton"
        ) from fault
    # A clock that springs forward has no such hour: there and back through UTC shows another one.
    there_and_back = moment.astimezone(ZoneInfo("UTC")).astimezone(moment.tzinfo)
    if there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise click.BadParameter(f"{text} does not exist in {zone}: the clock springs forward over it")
    return moment
