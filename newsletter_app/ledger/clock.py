"""The database's clock: several machines agree on leases and due times only by asking the one they share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, func, select

from newsletter_app.kernel.clock import Clock


def database_clock(engine: Engine, clock: Clock) -> Clock:
    """Return a clock that runs as this machine's does and shows what the database's showed when asked.

    The difference is measured once, so that telling the time costs no query; a worker asks anew for each
    task. SQLite lives in this machine and has its clock.
    """
    if engine.dialect.name == "sqlite":
        return clock
    before = clock()
    with engine.connect() as connection:
        theirs: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    ahead = theirs - (before + (clock() - before) / 2)

    def shown() -> datetime:
        return clock() + ahead

    return shown
