"""Launches that others would not believe: held, told why, and let go by the next check or by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import URL

from newsletter_app import campaigns
from newsletter_app.authentication import Identity, judge, keep_check
from newsletter_app.campaigns import Campaign, launch_due, release_proven
from tests.authentication.published import BOUNCE, DKIM, IDENTITY, published
from tests.campaigns.test_campaigns import BY, scheduled
from tests.delivery.conftest import World, clock, world

__all__ = ["clock", "world"]


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> URL:
    """Give SQLite: what differs between the databases is tried where checks are kept."""
    url: URL = request.getfixturevalue("sqlite_database")
    return url


def check(world: World, changed: dict[str, object] | None = None) -> None:
    """Ask the DNS, some of whose names are ``changed``, and keep what it says."""
    with world.unit_of_work() as session:
        keep_check(session, IDENTITY, judge(IDENTITY, published(changed)), world.clock())


def tick(world: World, sender: Identity | None = IDENTITY) -> list[int]:
    """Let go and launch as the tick does; return what began."""
    with world.unit_of_work() as session:
        release_proven(session, sender, world.clock())
        return launch_due(session, world.clock(), sender)


def seen(world: World) -> Campaign:
    with world.unit_of_work() as session:
        return session.get_one(Campaign, world.campaign_id)


@pytest.mark.parametrize("fault", [DKIM, "_dmarc.charity.example"])
def test_a_launch_is_held_while_authentication_fails(world: World, fault: str) -> None:  # M35
    scheduled(world)
    check(world, {fault: None})
    assert tick(world) == []
    campaign = seen(world)
    assert (campaign.state, campaign.paused_by) == ("paused", "check")
    assert campaign.pause_reason.endswith(f"-missing:{fault}")
    assert campaign.started_at is None


def test_it_goes_on_by_itself_once_the_check_passes(world: World) -> None:  # M35
    scheduled(world)
    check(world, {DKIM: None})
    tick(world)
    world.clock.move(days=2)
    assert tick(world) == []
    check(world)
    assert tick(world) == [world.campaign_id]
    assert seen(world).state == "planning"


def test_what_could_not_be_asked_holds_nothing(world: World) -> None:  # M35
    scheduled(world)
    check(world, {DKIM: "timed-out", BOUNCE: "servfail"})
    assert tick(world) == [world.campaign_id]


def test_the_first_check_is_waited_for(world: World) -> None:
    scheduled(world)
    assert tick(world) == []
    assert seen(world).state == "scheduled"
    check(world)
    assert tick(world) == [world.campaign_id]


def test_where_nothing_leaves_for_other_machines_nothing_is_checked(world: World) -> None:
    scheduled(world)
    check(world, {DKIM: None})
    assert tick(world, None) == [world.campaign_id]


def test_a_person_has_it_sent_all_the_same(world: World) -> None:  # M35
    scheduled(world)
    check(world, {DKIM: None})
    tick(world)
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        campaigns.waive_authentication(session, campaign, BY)
        campaigns.resume(session, campaign, BY, world.clock())
    assert tick(world) == [world.campaign_id]
    assert seen(world).authentication_waived_by == BY


def test_resuming_alone_changes_nothing(world: World) -> None:
    scheduled(world)
    check(world, {DKIM: None})
    tick(world)
    with world.unit_of_work() as session:
        campaigns.resume(session, session.get_one(Campaign, world.campaign_id), BY, world.clock())
    assert tick(world) == []
    assert seen(world).paused_by == "check"


def test_what_a_person_paused_meanwhile_stays(world: World) -> None:
    scheduled(world)
    check(world, {DKIM: None})
    tick(world)
    with world.unit_of_work() as session:
        campaigns.pause(session, session.get_one(Campaign, world.campaign_id), BY, world.clock())
    check(world)
    assert tick(world) == []
    assert (seen(world).state, seen(world).paused_by) == ("paused", "staff")


def test_a_launch_for_later_keeps_its_hour(world: World) -> None:
    scheduled(world)
    check(world, {DKIM: None})
    tick(world)
    due_at = world.clock() + timedelta(days=3)
    with world.unit_of_work() as session:
        session.get_one(Campaign, world.campaign_id).due_at = due_at
    check(world)
    assert tick(world) == []
    assert (seen(world).state, seen(world).due_at) == ("scheduled", due_at)
