"""After an absence: what is long overdue is held and asked about; what a pace makes late is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter_app import outbox
from newsletter_app.campaigns import Campaign, resume
from newsletter_app.delivery import hold_after_absence
from tests.delivery.conftest import World

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("away", "since_due", "is_held"),
    [(7, 7, True), (6, 7, False), (7, 6, False), (None, 7, False)],
    ids=["long-away", "short-away", "not-so-late", "first-start"],
)
def test_what_became_late_while_nobody_ticked(
    world: World, away: int | None, since_due: int, is_held: bool
) -> None:
    world.launched(readers=2)
    now = world.clock() + since_due * HOUR
    last_tick_at = now - away * HOUR if away is not None else None
    with world.unit_of_work() as session:
        assert hold_after_absence(session, last_tick_at, now) == [world.campaign_id] * is_held
        campaign = session.get_one(Campaign, world.campaign_id)
        assert campaign.pause_reason == ("overdue" if is_held else "")
        assert hold_after_absence(session, last_tick_at, now) == []


def test_a_person_lets_it_go(world: World) -> None:
    world.launched(readers=2)
    world.clock.move(hours=8)
    with world.unit_of_work() as session:
        hold_after_absence(session, world.clock() - 8 * HOUR, world.clock())
    world.send(world.office())
    with world.unit_of_work() as session:
        assert outbox.newest(session, 10) == []
        resume(session, session.get_one(Campaign, world.campaign_id), "editor@example.org", world.clock())
    world.plan()
    world.send(world.office())
    with world.unit_of_work() as session:
        assert len(outbox.newest(session, 10)) == 2


def test_what_was_sent_already_is_not_late(world: World) -> None:
    world.launched(readers=1)
    world.send(world.office())
    now = world.clock() + 24 * HOUR
    with world.unit_of_work() as session:
        assert hold_after_absence(session, world.clock(), now) == []
