"""The terms all commands share: who records it, JSON or lines, and refusals as one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from getpass import getuser
from typing import Any, TypeVar, cast

import click
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from newsletter_app.cli.moments import local_moment
from newsletter_app.cli.refusals import sentence
from newsletter_app.kernel.errors import Breach

__all__ = ["as_json_option", "by_option", "local_moment", "refusing", "say", "say_rows"]

Command = TypeVar("Command", bound=Callable[..., Any])


def _whoever_types() -> str:
    try:
        name = getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        name = f"uid {os.getuid()}"
    return f"{name} (terminal)"


by_option = click.option("--by", default=_whoever_types, metavar="EMAIL", help="Who you are, for the record.")
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")


def refusing(command: Command) -> Command:
    """Turn a room's Breach, or what the database refuses, into a sentence and exit code 1.

    The command's unit of work was undone then, so nothing was written.
    """

    @wraps(command)
    def run(*arguments: Any, **keywords: Any) -> Any:
        try:
            return command(*arguments, **keywords)
        except Breach as breach:
            raise click.ClickException(f"{sentence(breach)} Nothing was changed.") from breach
        except DBAPIError as fault:
            raise click.ClickException(f"{_database_sentence(fault)} Nothing was changed.") from fault
        except OverflowError as fault:
            # SQLite's driver says so itself, before any database is asked.
            raise click.ClickException("One of these numbers is too large. Nothing was changed.") from fault

    return cast(Command, run)


def say(facts: Mapping[str, Any], as_json: bool) -> None:
    """Print facts as JSON, or a line each."""
    if as_json:
        _say_json(dict(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


def say_rows(
    rows: Sequence[Mapping[str, Any]], as_json: bool, *, line: Callable[[Any], str], none: str
) -> None:
    """Print rows as a JSON list, or each as the line that ``line`` makes of it; ``none`` when"
    " there are none."""
    if as_json:
        _say_json(list(rows))
        return
    for text in [line(row) for row in rows] or [none]:
        click.echo(text)


def _say_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, default=str, indent=2))


def _database_sentence(fault: DBAPIError) -> str:
    if isinstance(fault, IntegrityError):
        return "Somebody else changed the same thing at the same moment; look, then try again."
    reason = " ".join(str(fault.orig).split())
    if isinstance(fault, DataError):
        return f"The database cannot keep one of these values ({reason}); make it shorter or simpler."
    return f"The database refused ({reason}). Run `flask prepare`, and look whether the database runs."
