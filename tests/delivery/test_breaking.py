"""Campaigns and breakers in step: paused with the reason when every server is out, going on by themselves."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from newsletter_app import campaigns
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery, Step, finish, keep_in_step
from newsletter_app.ledger import LIFETIME, BreakerKind, Why, close_breakers, open_breakers
from newsletter_app.ledger.breakers import trip
from newsletter_app.mail.replies import Reply
from newsletter_app.subscriptions import Owed
from tests.delivery.conftest import World

ONE, TWO = "one:25", "two:25"
SERVERS = (ONE, TWO)
STAFF = "editor@example.org"


def take_out(world: World, server: str, text: str = "Relaying denied") -> None:
    with world.unit_of_work() as session:
        trip(session, BreakerKind.server, server, Why(None, Reply(550, "5.7.1", text)), world.clock())


def step(world: World, *servers: str) -> Step:
    with world.unit_of_work() as session:
        return keep_in_step(session, servers or SERVERS, world.clock())


def facts(world: World) -> tuple[str, str | None, str]:
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        return campaign.state, campaign.paused_by, campaign.pause_reason


def test_one_server_left_is_enough(world: World) -> None:
    world.launched(readers=1)
    take_out(world, ONE)
    assert step(world) == Step([], [])
    assert facts(world) == ("sending", None, "")


def test_with_none_left_it_is_paused_and_says_why(world: World) -> None:
    """Which servers, and what each said; once one is back, it goes on by way of planning."""
    world.launched(readers=1)
    for server in SERVERS:
        take_out(world, server)
    assert step(world) == Step([world.campaign_id], [])
    reason = "one:25: 550 5.7.1 Relaying denied; two:25: 550 5.7.1 Relaying denied"
    assert facts(world) == ("paused", "breaker", reason)
    assert step(world) == Step([], [])
    with world.unit_of_work() as session:
        (breaker, _) = open_breakers(session)
        session.delete(breaker)
    assert step(world) == Step([], [world.campaign_id])
    assert facts(world) == ("planning", None, "")
    world.plan()
    assert world.campaign_state() == "sending"


def test_a_persons_pause_is_a_persons(world: World) -> None:
    """Neither the breaker nor its end touches it, whichever came first."""
    world.launched(readers=1)
    take_out(world, ONE)
    step(world, ONE)
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        campaigns.pause(session, campaign, STAFF, world.clock())
        close_breakers(session, BreakerKind.server)
    assert step(world, ONE) == Step([], [])
    assert facts(world) == ("paused", "staff", f"by {STAFF}")


def test_a_person_who_resumes_has_the_servers_tried_at_once(world: World) -> None:
    """And whatever else was broken off goes on as well."""
    world.launched(readers=1)
    take_out(world, ONE)
    step(world, ONE)
    with world.unit_of_work() as session:
        campaigns.resume(session, session.get_one(Campaign, world.campaign_id), STAFF, world.clock())
        assert open_breakers(session) == []
    assert facts(world) == ("planning", None, "")


def test_the_reason_is_the_last_that_was_heard(world: World) -> None:
    """A probe may have been told something else."""
    world.launched(readers=1)
    take_out(world, ONE)
    step(world, ONE)
    with world.unit_of_work() as session:
        open_breakers(session)[0].reply_text = "Go away"
    step(world, ONE)
    assert facts(world) == ("paused", "breaker", "one:25: 550 5.7.1 Go away")


@pytest.mark.parametrize("state", ["scheduled", "planning", "finished", "cancelled"])
def test_only_what_sends_is_broken_off(world: World, state: str) -> None:
    world.launched(readers=1)
    take_out(world, ONE)
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(state=state))
    assert step(world, ONE) == Step([], [])
    assert facts(world)[0] == state


def test_the_outbox_has_no_breaker(world: World) -> None:
    """A try-out has no servers: nothing is ever broken off."""
    world.launched(readers=1)
    with world.unit_of_work() as session:
        assert keep_in_step(session, (), world.clock()) == Step([], [])


def test_a_lifetime_ends_though_nobody_takes_mail(world: World) -> None:
    """Its rows expire and are owed, and the campaign finishes, with every server still out."""  # M15
    world.launched(readers=3)
    take_out(world, ONE)
    step(world, ONE)
    world.clock.now += LIFETIME
    step(world, ONE)
    world.plan()
    with world.unit_of_work() as session:
        assert finish(session, world.campaign_id, world.clock())
        rows = session.execute(select(Delivery.state, Delivery.reason).distinct()).all()
        assert [tuple(row) for row in rows] == [("expired", "too-late")]
        assert len(session.scalars(select(Owed)).all()) == 3
    assert facts(world)[0] == "finished"


def test_what_a_person_paused_does_not_expire_behind_their_back(world: World) -> None:
    """They are asked nothing, and lose nothing."""
    world.launched(readers=1)
    with world.unit_of_work() as session:
        campaigns.pause(session, session.get_one(Campaign, world.campaign_id), STAFF, world.clock())
    world.clock.now += LIFETIME
    step(world, ONE)
    with world.unit_of_work() as session:
        assert session.scalars(select(Delivery.state)).all() == ["queued"]
