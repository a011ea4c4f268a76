"""Launches: one per tip, on time or asked about, paused, resumed, cancelled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from newsletter_app import campaigns, organisation, tips
from newsletter_app.campaigns import Campaign, launch_due
from newsletter_app.delivery import Delivery, drop_cancelled
from newsletter_app.kernel.errors import Breach
from newsletter_app.ledger import State
from newsletter_app.notices import Notice
from newsletter_app.planning import plan_slice
from newsletter_app.subscriptions import Owed
from newsletter_app.tips import Publication, Tip
from tests.delivery.conftest import World, clock, world
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader

__all__ = ["clock", "world"]

BY = "editor@example.org"


def scheduled(world: World, **late: float) -> Campaign:
    """Schedule tip 24 for one reader, due now; then let time pass."""
    now = world.clock()
    with world.unit_of_work() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        make_reader(session, 1, [notice], now)
        campaign = make_campaign(session, make_tip(session, notice, 24, now), [notice], now)
        world.campaign_id, world.notice_id = campaign.id, notice.id
    world.clock.move(**late)
    return campaign


def test_two_at_once_schedule_one_campaign(world: World) -> None:
    """The occurrence is unique on both databases."""
    now = world.clock()
    with world.unit_of_work() as session:
        make_organisation(session)
        tip_id = make_tip(session, make_notice(session, now), 24, now).id
    start = Barrier(2)

    def schedule() -> int:
        start.wait(timeout=30)
        with world.unit_of_work() as session:
            tip = session.get_one(Tip, tip_id)
            return campaigns.schedule(session, tip, due_at=now, by=BY, now=now).id

    with ThreadPoolExecutor(2) as pool:
        ids = {future.result(60) for future in [pool.submit(schedule), pool.submit(schedule)]}
    assert len(ids) == 1


def test_two_beats_launch_once(world: World) -> None:
    """Each at the same moment; the tip has one place in its stream."""
    scheduled(world)
    start = Barrier(2)

    def launch() -> list[int]:
        start.wait(timeout=30)
        with world.unit_of_work() as session:
            return launch_due(session, world.clock())

    with ThreadPoolExecutor(2) as pool:
        begun = [future.result(60) for future in [pool.submit(launch), pool.submit(launch)]]
    assert sorted(begun) == [[], [world.campaign_id]]
    with world.unit_of_work() as session:
        assert session.scalars(select(Notice.last_seq)).one() == 1


def test_who_confirms_between_scheduling_and_launch_gets_the_tip(world: World) -> None:
    """The place in the stream is taken at the launch, not before."""
    scheduled(world, minutes=5)
    with world.unit_of_work() as session:
        notice = session.get_one(Notice, world.notice_id)
        make_reader(session, 2, [notice], world.clock())
        assert session.scalars(select(Publication)).all() == []
        launch_due(session, world.clock())
    world.plan()
    with world.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 2


@pytest.mark.parametrize(
    ("late", "state"), [({"hours": 6}, "planning"), ({"hours": 6, "seconds": 1}, "paused")]
)
def test_what_is_six_hours_late_is_asked_about(world: World, late: dict[str, float], state: str) -> None:
    """Held, with the reason; resuming launches it."""
    scheduled(world, **late)
    with world.unit_of_work() as session:
        launch_due(session, world.clock())
        campaign = session.get_one(Campaign, world.campaign_id)
        assert campaign.state == state
        if state == "paused":
            assert (campaign.paused_by, campaign.pause_reason) == ("question", "overdue")
            campaigns.resume(session, campaign, BY, world.clock())
            assert launch_due(session, world.clock()) == [campaign.id]


def test_without_identification_nothing_is_launched(world: World) -> None:
    """The postal address is missing: held, with a code that says so."""  # L7
    scheduled(world)
    with world.unit_of_work() as session:
        organisation.set_words(session, "fr", postal_address="")
        assert launch_due(session, world.clock()) == []
        campaign = session.get_one(Campaign, world.campaign_id)
        assert campaign.pause_reason == "identity-incomplete:postal-address-fr"


def test_a_launch_past_its_review_waits_for_the_review(world: World) -> None:
    """Checked again, it goes out; what is held for another reason as well stays held."""
    scheduled(world)
    now, due = world.clock(), world.clock().date()
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        tip = session.get_one(Tip, campaign.tip_id)
        tip.review_due = due - timedelta(days=1)
        assert launch_due(session, now) == []
        assert (campaign.state, campaign.pause_reason) == ("paused", "review-overdue")
        campaigns.resume(session, campaign, BY, now)
        assert launch_due(session, now) == []
        tips.review(session, tip, reviewer="Dr. Roy", on=due, due=None, today=due, now=now)
        assert campaigns.release_reviewed(session, tip, BY, now) is campaign
        assert launch_due(session, now) == [campaign.id]
        assert campaigns.release_reviewed(session, tip, BY, now) is None


def test_a_review_releases_nothing_else(world: World) -> None:
    scheduled(world)
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        tip = session.get_one(Tip, campaign.tip_id)
        campaigns.pause(session, campaign, BY, world.clock())
        assert campaigns.release_reviewed(session, tip, BY, world.clock()) is None
        campaigns.resume(session, campaign, BY, world.clock())
        tip.review_due = world.clock().date() - timedelta(days=1)
        organisation.set_words(session, "fr", postal_address="")
        launch_due(session, world.clock())
        assert campaigns.release_reviewed(session, tip, BY, world.clock()) is None


def test_pause_and_resume_come_back_to_where_it_was(world: World) -> None:
    """Planned rows stay, and planning is asked again."""
    world.launched(readers=2)
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        campaigns.pause(session, campaign, BY, world.clock())
        assert not plan_slice(session, campaign.id, 10, world.clock())
        campaigns.resume(session, campaign, BY, world.clock())
        assert campaign.state == "planning"
    world.plan()
    assert world.campaign_state() == "sending"


@pytest.mark.parametrize(("give_back", "owed"), [(False, 0), (True, 2)])
def test_cancelling_drops_or_gives_back(world: World, give_back: bool, owed: int) -> None:
    """Waiting rows are skipped; what is given back comes with the next tip."""
    world.launched(readers=2)
    now = world.clock()
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        campaigns.cancel(session, campaign, BY, now, give_back=give_back)
        assert drop_cancelled(session, campaign, now) == 2
        assert set(session.scalars(select(Delivery.state))) == {State.skipped}
        assert len(session.scalars(select(Owed)).all()) == owed


@pytest.mark.parametrize(("give_back", "held"), [(False, 1), (True, 2)])
def test_a_campaign_cancelled_before_all_were_planned(world: World, give_back: bool, held: int) -> None:
    """Dropped for the unplanned too: the next mail holds its own tip only."""
    scheduled(world)
    now = world.clock()
    with world.unit_of_work() as session:
        launch_due(session, now)
        campaign = session.get_one(Campaign, world.campaign_id)
        campaigns.cancel(session, campaign, BY, now, give_back=give_back)
        notice = session.get_one(Notice, world.notice_id)
        world.campaign_id = make_campaign(session, make_tip(session, notice, 25, now), [notice], now).id
        launch_due(session, now)
    world.plan()
    with world.unit_of_work() as session:
        items = session.scalar(select(func.count()).select_from(campaigns.EditionItem))
        assert items == held


def test_what_has_ended_is_not_cancelled(world: World) -> None:
    """A finished campaign stays finished."""
    world.launched(readers=1)
    world.send(world.office())
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        with pytest.raises(Breach, match="campaign-ended"):
            campaigns.cancel(session, campaign, BY, world.clock())


def test_what_is_due_is_no_longer_to_come(world: World) -> None:
    campaign = scheduled(world)
    before = campaign.due_at - timedelta(hours=1)
    with world.unit_of_work() as session:
        assert campaigns.upcoming(session, campaign.due_at) == []
        assert [found.id for found in campaigns.upcoming(session, before)] == [campaign.id]
