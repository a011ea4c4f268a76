"""The bulk tick: pauses end, the next weekly mail is made, and what became late while away is held."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from newsletter_app import ledger, subscribers
from newsletter_app.campaigns import Campaign
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import set_cadences
from tests.delivery.conftest import World
from workers.base import Process
from workers.ticks import bulk_tick


def test_rhythms_live_by_the_tick(world: World, process: Process) -> None:
    """Whoever paused and reads once a week is found by the tick alone."""
    world.launched(readers=1)
    now = process.clock()()
    with world.unit_of_work() as session:
        reader = session.scalars(select(Subscriber)).one()
        subscribers.pause(session, reader, now - timedelta(seconds=1))
        set_cadences(session, reader.id, {world.notice_id: "weekly"})
    bulk_tick(process)
    with world.unit_of_work() as session:
        assert session.scalars(select(Subscriber.paused_until)).one() is None
        [weekly] = session.scalars(select(Campaign).where(Campaign.cadence == "weekly"))
        assert (weekly.state, weekly.tip_id) == ("scheduled", None)
        assert weekly.due_at > now


def test_a_machine_that_was_away_asks_before_it_sends(world: World, process: Process) -> None:
    world.launched(readers=1)
    with world.unit_of_work() as session:
        ledger.beat(session, "bulk_tick", world.clock())
    world.clock.move(hours=7)
    bulk_tick(process)
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        held = (campaign.state, campaign.paused_by, campaign.pause_reason)
        assert held == ("paused", "question", "overdue")
