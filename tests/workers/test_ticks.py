"""The bulk tick: pauses end, the next weekly mail is made, and what became late while away is held."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from newsletter_app import campaigns, ledger, subscribers, tips
from newsletter_app.campaigns import Campaign
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Untold, set_cadences
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


def test_who_is_to_be_told_of_a_correction_is_found_before_its_mail_begins(
    world: World, process: Process
) -> None:
    world.launched(readers=2)
    world.send(world.office())
    now = process.clock()()
    with world.unit_of_work() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        campaigns.correct(session, tip, "A.", "B.", by="bo", now=now, urgent=True, text_unchanged=True)
    bulk_tick(process)
    with world.unit_of_work() as session:
        assert len(session.scalars(select(Untold.subscriber_id)).all()) == 2
        campaign = campaigns.find_by_occurrence(session, "correction:1")
        assert campaign is not None
        assert campaign.state == "planning"
