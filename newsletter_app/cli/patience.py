"""Waiting for a database that starts up beside us: after a power cut both begin at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

PATIENCE_S: Final = 60.0
PAUSE_S: Final = 1.0


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


def _refusal(engine: Engine) -> str | None:
    """Return what the database says instead of letting us in, in one line without a password."""
    try:
        with engine.connect():
            return None
    except OperationalError as fault:
        return " ".join(str(fault.orig).split())
