"""A few of the days that ``tests.planning.two_years`` lives; the rest of it takes hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL

from newsletter_app.kernel.base import make_engine
from tests.planning.two_years import live

READERS, DAYS, SEED = 16, 3, 7
# So near to the end of a month that every weekday and the month have their mail within ten days.
BEGIN, QUIET = datetime(2026, 1, 26, 17, 0, tzinfo=UTC), timedelta(days=10)


def test_some_days_of_two_years(sqlite_database: URL, tmp_path: Path) -> None:
    engine = make_engine(sqlite_database)
    said: list[str] = []
    try:
        world = live(engine, tmp_path, READERS, DAYS, SEED, said.append, begin=BEGIN, quiet=QUIET)
    finally:
        engine.dispose()
    assert len(world.lives) >= READERS // 2
    assert world.postman.fates["accepted"] >= READERS // 2
    assert "every tip came that was to come" in said[-1]
