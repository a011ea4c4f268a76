"""A tip taken back in the middle of its campaign: nobody else gets it, whoever asks for what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import campaigns, tips
from newsletter_app.campaigns import Campaign, launch_due
from newsletter_app.delivery import Delivery, drop_cancelled
from newsletter_app.kernel.errors import Breach
from newsletter_app.ledger import State
from newsletter_app.notices import Notice
from newsletter_app.tips import Tip
from tests.delivery.conftest import World, clock, world
from tests.factories.content import make_tip
from tests.factories.engine import make_campaign

__all__ = ["clock", "world"]

BY = "editor@example.org"


def taken_back(world: World, session: Session) -> tuple[Campaign, list[str]]:
    """Take the tip of the world's campaign back; return that campaign, and which are paused for it."""
    campaign = session.get_one(Campaign, world.campaign_id)
    tip = session.scalars(select(Tip).where(Tip.number == 24)).one()
    tips.withdraw(session, tip, "", world.clock())
    return campaign, [one.occurrence for one in campaigns.recall(session, tip, BY)]


def accepted(world: World) -> int:
    with world.unit_of_work() as session:
        theirs = select(func.count()).select_from(Delivery).where(Delivery.state == State.accepted)
        return session.scalar(theirs) or 0


def test_a_tip_taken_back_is_mailed_to_nobody_more(world: World) -> None:
    world.launched(readers=3)
    with world.unit_of_work() as session:
        campaign, paused = taken_back(world, session)
        assert paused == ["tip:24"]
        assert (campaign.state, campaign.paused_by) == ("paused", "staff")
        assert "took the tip back" in campaign.pause_reason
        with pytest.raises(Breach, match="campaign-recalled"):
            campaigns.resume(session, campaign, BY, world.clock())
    world.send(world.office())
    assert accepted(world) == 0


def test_back_on_the_web_it_goes_on(world: World) -> None:
    world.launched(readers=3)
    with world.unit_of_work() as session:
        campaign, _ = taken_back(world, session)
        tips.publish(session, session.get_one(Tip, campaign.tip_id), world.clock())
        campaigns.resume(session, campaign, BY, world.clock())
    world.plan()
    world.send(world.office())
    assert accepted(world) == 3


def test_no_probe_lets_it_go(world: World) -> None:
    world.launched(readers=1)
    with world.unit_of_work() as session:
        broken = campaigns.break_off(session, "nobody takes mail")
        session.expire_all()
        _, paused = taken_back(world, session)
        assert paused == ["tip:24"]
        assert campaigns.mend(session, broken) == []


def test_a_campaign_that_mails_it_among_others_stands_still(world: World) -> None:
    """A reader who is behind gets all unseen tips in one mail."""
    world.launched(readers=2)
    now = world.clock()
    with world.unit_of_work() as session:
        first = session.get_one(Campaign, world.campaign_id)
        campaigns.cancel(session, first, BY, now, give_back=True)
        drop_cancelled(session, first, now)
        notice = session.get_one(Notice, world.notice_id)
        world.campaign_id = make_campaign(session, make_tip(session, notice, 25, now), [notice], now).id
        launch_due(session, now)
    world.plan()
    with world.unit_of_work() as session:
        _, paused = taken_back(world, session)
        assert paused == ["tip:25"]


def test_what_was_sent_is_not_tried_again(world: World) -> None:
    world.launched(readers=1)
    world.send(world.office())
    world.clock.move(hours=1)
    with world.unit_of_work() as session:
        campaign, paused = taken_back(world, session)
        assert (campaign.state, paused) == ("finished", [])
        with pytest.raises(Breach, match="campaign-recalled"):
            campaigns.hold_for_retry(session, campaign, world.clock() + timedelta(minutes=1))
