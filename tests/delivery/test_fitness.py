"""A mail that gathers tips is held when one of them may no longer go out, and goes on once that is mended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from newsletter_app import outbox
from newsletter_app.campaigns import Campaign, launch_due, resume, schedule_digests
from newsletter_app.cli.lacks import lack
from newsletter_app.delivery.shards import LEASE
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.tips import Tip, send_into
from tests.delivery.conftest import World
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_reader


def weekly(world: World) -> int:
    """Have tip 24 in the stream of a weekly reader, and the campaign scheduled; return the tip's id."""
    now = world.clock()
    with world.unit_of_work() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        make_reader(session, 1, [notice], now, cadence="weekly")
        tip = make_tip(session, notice, 24, now)
        send_into(session, tip, [notice.id], now)
        schedule_digests(session, now)
        campaign = session.scalars(select(Campaign)).one()
        assert campaign.day is not None
        world.campaign_id = campaign.id
        world.clock.now = begins_at(campaign.day)
        return tip.id


def test_a_tip_past_its_review_holds_the_mail_that_gathers_it(world: World) -> None:
    """It was checked when it went out to those who get each tip."""
    tip_id = weekly(world)
    with world.unit_of_work() as session:
        today = world.clock().date()
        session.get_one(Tip, tip_id).review_due = today - timedelta(days=1)
        assert launch_due(session, world.clock()) == [world.campaign_id]
    world.plan()
    office = world.office()
    world.clock.move(days=2)
    world.send(office)
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        assert (campaign.state, campaign.pause_reason) == ("paused", "gathered-tip-unfit:24")
        assert outbox.newest(session, 10) == []
        session.get_one(Tip, tip_id).review_due = today + timedelta(days=90)
        resume(session, campaign, "editor@example.org", world.clock())
    world.plan()
    world.clock.now += LEASE
    world.send(office)
    with world.unit_of_work() as session:
        assert len(outbox.newest(session, 10)) == 1


def test_the_terminal_names_the_tip() -> None:
    assert "flask tips check 24" in lack("gathered-tip-unfit", "24")
