"""Retention by the tick: once a night, where the organisation is, by whichever worker comes first."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from newsletter_app import organisation, subscriptions
from newsletter_app.ledger import last_beat
from newsletter_app.subscriptions import Signup
from tests.delivery.conftest import World
from tests.factories import people
from workers.base import Process
from workers.keeping import NAME, let_go_nightly


def _forms(world: World) -> int:
    with world.unit_of_work() as session:
        return len(session.scalars(select(Signup)).all())


def test_it_is_done_once_a_night(world: World, process: Process) -> None:
    with world.unit_of_work() as session:
        people.an_organisation(session)
        assert organisation.zone_of(session) == "America/Edmonton"
        wanted = subscriptions.ask_for_link(session, people.a_form(()), world.clock())
        people.decide(session, wanted, world.clock())
    # 2:59 and 3 o'clock in Edmonton, in summer.
    before, night = datetime(2026, 6, 2, 8, 59, tzinfo=UTC), datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
    world.clock.now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    let_go_nightly(process)
    assert _forms(world) == 0, "the first tick of all does not wait for the night"
    done = world.clock()
    for at, last in ((before, done), (night, night), (night.replace(hour=23), night)):
        world.clock.now = at
        let_go_nightly(process)
        with world.unit_of_work() as session:
            assert last_beat(session, NAME) == last  # L14
