"""How far a campaign is: rows alike told together, addresses cut out, large campaigns told from a tally."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter_app import campaigns, delivery, tallies
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Progress
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.mail.replies import Reply
from tests.delivery.conftest import World
from tests.fakes.transports import BUSY, ScriptedTransport

UNKNOWN = Reply(550, "5.1.1", "<reader1@example.ca>: unknown, ask postmaster@example.ca")
UNKNOWN_TOO = Reply(550, "5.1.1", "<reader2@example.ca>: unknown, ask postmaster@example.ca")


def looked_at(world: World) -> Progress:
    with world.unit_of_work() as session:
        return delivery.progress(session, session.get_one(Campaign, world.campaign_id), world.clock())


def send_five(world: World) -> None:
    """One is busy, one never answers, two do not exist; one gets it."""
    world.launched(5)
    answers = {
        "reader1@example.ca": [UNKNOWN],
        "reader2@example.ca": [UNKNOWN_TOO],
        "reader3@example.ca": [BUSY],
        "reader4@example.ca": [None],
    }
    world.send(world.office(ScriptedTransport(world.clock, answers)))


def test_rows_that_were_answered_alike_are_told_together(world: World) -> None:
    send_five(world)
    found = looked_at(world)
    assert found.total == 5
    assert (found.of("accepted"), found.of("uncertain"), found.open) == (1, 1, 1)
    told = {(kind.state, kind.code, kind.enhanced): kind for kind in found.troubles}
    refused = told["refused", 550, "5.1.1"]
    assert (refused.readers, refused.reason) == (2, "hard")
    assert "@" not in refused.text  # Whoever looks at figures sees no reader's address.
    assert "unknown, ask" in refused.text
    assert told["deferred", 451, "4.3.0"].text == "Try again later"


def test_the_rate_is_of_the_last_half_minute(world: World) -> None:
    send_five(world)
    assert looked_at(world).lately == 4
    assert looked_at(world).time_left is None  # What was put off is not due.
    world.clock.move(seconds=31)
    assert (looked_at(world).lately, looked_at(world).per_second) == (0, 0)


def test_a_large_campaign_is_told_as_it_was_counted_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_five(world)
    assert recounted(world) == []
    monkeypatch.setattr(tallies, "FEW", 4)
    assert recounted(world) == [world.campaign_id]
    before = looked_at(world)
    assert recounted(world) == []  # It is two seconds old at the youngest.
    world.clock.move(minutes=20)
    world.send(world.office())
    assert looked_at(world) == before
    assert recounted(world) == [world.campaign_id]
    after = looked_at(world)
    assert (after.of("accepted"), after.counted_at) == (2, world.clock())
    # The end was counted; from now on once an hour.
    world.clock.move(seconds=2)
    assert recounted(world) == [world.campaign_id]
    world.clock.move(minutes=59)
    assert recounted(world) == []
    world.clock.move(minutes=1)
    assert recounted(world) == [world.campaign_id]
    world.clock.move(days=14)
    assert recounted(world) == []


def test_nobody_waits_for_a_large_campaign_to_be_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first tally nothing is told; of one that ended without any, what its end wrote down."""
    send_five(world)
    monkeypatch.setattr(tallies, "FEW", 4)
    assert (looked_at(world).total, looked_at(world).troubles) == (0, [])
    world.clock.move(minutes=20)
    world.send(world.office())
    ended_at = world.clock()
    world.clock.move(days=90)
    found = looked_at(world)
    assert (found.total, found.of("accepted"), found.counted_at) == (5, 2, ended_at)
    assert {kind.text for kind in found.troubles} == {""}
    assert recounted(world) == [world.campaign_id]
    assert recounted(world) == []
    found = looked_at(world)
    assert (found.total, found.counted_at) == (5, world.clock())
    assert "550 5.1.1" in {f"{kind.code} {kind.enhanced}" for kind in found.troubles}


def test_what_a_person_decides_of_a_large_campaign_that_ended_is_told_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted once an hour by then: the page would go on asking what to do about the uncertain."""
    send_five(world)
    monkeypatch.setattr(tallies, "FEW", 4)
    assert recounted(world) == [world.campaign_id]
    world.clock.move(minutes=20)
    world.send(world.office())
    world.clock.move(seconds=2)
    assert recounted(world) == [world.campaign_id]
    assert looked_at(world).of("uncertain") == 1
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        assert delivery.count_as_arrived(session, campaign, world.clock()) == 1
    assert (looked_at(world).of("uncertain"), looked_at(world).of("accepted")) == (0, 3)
    assert recounted(world) == [world.campaign_id]
    assert (looked_at(world).of("uncertain"), looked_at(world).counted_at) == (0, world.clock())


def test_of_retired_rows_nothing_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.launched(3)
    world.send(world.office())
    with world.unit_of_work() as session:
        assert delivery.retire(session, world.clock() + timedelta(days=1)) == [world.campaign_id]
    monkeypatch.setattr(tallies, "FEW", 2)
    assert recounted(world) == []
    assert looked_at(world).of("accepted") == 3


def recounted(world: World) -> list[int]:
    with world.unit_of_work() as session:
        return delivery.recount(session, world.clock(), lambda: 0.0)


def test_of_retired_rows_their_number_is_told(world: World) -> None:
    world.launched(3)
    world.send(world.office())
    with world.unit_of_work() as session:
        assert delivery.retire(session, world.clock() + timedelta(days=1)) == [world.campaign_id]
    assert (looked_at(world).of("accepted"), looked_at(world).total) == (3, 3)


def test_nothing_is_planned_yet(world: World, unit_of_work: UnitOfWork) -> None:
    world.launched(0)
    found = looked_at(world)
    assert (found.total, found.troubles, found.time_left) == (0, [], None)
    with unit_of_work() as session:
        assert [one.id for one in campaigns.under_way(session)] == [world.campaign_id]
