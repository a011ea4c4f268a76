"""Patience with a database that starts beside us or goes away again: after a power cut all begin at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

PATIENCE_S: Final = 60.0
PAUSE_S: Final = 1.0
TRIES: Final = 3


def await_database(
    engine: Engine, patience_s: float = PATIENCE_S, wait: Callable[[float], None] = time.sleep
) -> None:
    """Return once the database server lets us in; say what it says, once, while it does not.

    Raises ClickException when ``patience_s`` are over. SQLite is a file, which nobody has to start.
    """
    waited = 0.0
    while engine.dialect.name != "sqlite" and (fault := _refusal(engine)) is not None:
        if waited >= patience_s:
            raise click.ClickException(f"The database cannot be reached: {fault}")
        if not waited:
            click.echo(f"The database cannot be reached yet ({fault}); trying for {patience_s:.0f} seconds.")
        wait(PAUSE_S)
        waited += PAUSE_S


def patiently(engine: Engine, work: Callable[[], None]) -> None:
    """Do ``work`` once the database lets us in, and anew if it went away meanwhile; work may be done twice.

    Raises ClickException when the database does not come, OperationalError of the third try.
    """
    for tried in range(1, TRIES + 1):
        await_database(engine)
        try:
            work()
        except OperationalError:
            if tried == TRIES or engine.dialect.name == "sqlite":
                raise
        else:
            return
        click.echo("The database went away in the middle of this; trying again.")


def _refusal(engine: Engine) -> str | None:
    """Return what the database says instead of letting us in, in one line without a password."""
    try:
        with engine.connect():
            return None
    except OperationalError as fault:
        return " ".join(str(fault.orig).split())
