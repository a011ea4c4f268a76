"""A tip that stands in two notices, and is on its way by one of them when the other one's mail is planned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from tests.planning.acts import Acts
from tests.planning.world import World

# The mail of Tuesday is planned when that day begins first, on Monday at 10:00 UTC.
SUNDAY = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def test_it_comes_by_the_other_if_it_does_not_by_the_one(engine: Engine, tmp_path: Path) -> None:
    """Who stops a notice while its mail waits has not had the tip, and still reads it elsewhere."""
    world = World(engine, tmp_path, SUNDAY, 2)
    acts, (each, weekly) = Acts(world), world.house.notices
    life = acts.confirm(acts.sign_up("rose@example.ca", [each, weekly]))
    assert life is not None
    acts.turn(life, weekly, "weekly")
    # Their hour for each tip comes after the week's mail was planned: at 15:00 UTC.
    acts.wish(life, None, 8, None)
    world.tick()
    tip = acts.schedule([each, weekly], SUNDAY + AN_HOUR)
    world.move_to(SUNDAY + 20 * AN_HOUR)
    assert len(life.under_way) == 1
    acts.stop(life, [each])
    world.move_to(SUNDAY + timedelta(days=9))
    assert life.has_had(tip)
