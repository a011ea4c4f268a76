"""A few of the days that ``tests.planning.two_years`` lives; the rest of it takes an hour or more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, select
from sqlalchemy.orm import Session

from newsletter_app.delivery import Delivery
from newsletter_app.kernel.base import make_engine
from newsletter_app.ledger import State
from tests.planning.two_years import live
from tests.planning.world import World

READERS, DAYS, SEED = 16, 3, 7
# So near to the end of a month that every weekday and the month have their mail within ten days.
BEGIN, QUIET = datetime(2026, 1, 26, 17, 0, tzinfo=UTC), timedelta(days=10)


def test_some_days_of_two_years(sqlite_database: URL, tmp_path: Path) -> None:
    """All that came is found in the rows, and one row that says otherwise would be noticed."""
    engine = make_engine(sqlite_database)
    said: list[str] = []
    try:
        world = live(engine, tmp_path, READERS, DAYS, SEED, said.append, begin=BEGIN, quiet=QUIET)
        _falsify_a_row(engine, world)
        with pytest.raises(AssertionError, match="did not"):
            world.compare()
    finally:
        engine.dispose()
    assert len(world.lives) >= READERS // 2
    assert world.postman.fates["accepted"] >= READERS // 2
    assert "every tip came that was to come" in said[-1]


def _falsify_a_row(engine: Engine, world: World) -> None:
    """Let the ledger say of one mail that came that it was skipped."""
    mine = Delivery.campaign_id.in_(world.launches), Delivery.state == State.accepted
    with Session(engine) as session, session.begin():
        row = session.scalars(select(Delivery).where(*mine).limit(1)).one()
        row.state = State.skipped
