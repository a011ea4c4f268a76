"""Endings: a campaign is done when none of its rows is open; its mails are kept while it may be retried."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from newsletter_app.campaigns import Edition
from newsletter_app.delivery import Delivery, let_editions_go
from newsletter_app.ledger import LIFETIME, State
from tests.delivery.conftest import World
from tests.fakes.transports import BUSY, ScriptedTransport


def test_a_campaign_of_deferred_rows_goes_on_and_finishes(world: World) -> None:
    """All are put off: it stays sending, has nothing to ring for, and ends when the last is taken."""  # M14
    world.launched(readers=3)
    answers = {f"reader{number}@example.ca": [BUSY] for number in (1, 2, 3)}
    office = world.office(ScriptedTransport(world.clock, answers))
    world.send(office)
    assert states_of(world) == {State.deferred}
    assert world.campaign_state() == "sending"
    world.clock.move(hours=1)
    world.send(office)
    assert states_of(world) == {State.accepted}
    assert world.campaign_state() == "finished"


def test_compiled_mails_are_kept_for_the_lifetime(world: World) -> None:
    """A row that is tried again has the octets of the first time, so they outlive the end."""  # M4
    world.launched(readers=1)
    world.send(world.office())
    assert world.campaign_state() == "finished"
    assert let_go_after(world, LIFETIME - timedelta(seconds=1)) == 0
    with world.unit_of_work() as session:
        assert all(session.scalars(select(Edition.compiled)))
    assert let_go_after(world, LIFETIME) == 1
    with world.unit_of_work() as session:
        assert session.scalars(select(Edition.compiled)).all() == [None]


def test_a_running_campaign_keeps_its_mails_whatever_the_time(world: World) -> None:
    """Its rows expire first."""
    world.launched(readers=1)
    transport = ScriptedTransport(world.clock)
    transport.takes = 0
    world.send(world.office(transport))
    assert let_go_after(world, LIFETIME * 2) == 0


def let_go_after(world: World, age: timedelta) -> int:
    with world.unit_of_work() as session:
        return let_editions_go(session, world.clock() + age)


def states_of(world: World) -> set[str]:
    with world.unit_of_work() as session:
        return set(session.scalars(select(Delivery.state)))
