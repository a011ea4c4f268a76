"""A launched campaign whose mails were accepted, and the mails that come back about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from newsletter_app import feedback
from newsletter_app.delivery import Delivery
from newsletter_app.feedback import Received
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.unit_of_work import UnitOfWork
from tests.delivery.conftest import World
from tests.factories.engine import Hands, make_composer

Receive = Callable[..., Received]


@pytest.fixture
def clock(now: datetime) -> Hands:
    """Give a clock that stands at ``now`` until moved."""
    return Hands(now)


@pytest.fixture
def world(unit_of_work: UnitOfWork, clock: Hands, tmp_path: Path, links: Links, translations: Path) -> World:
    """Give the world, still empty."""
    return World(unit_of_work, clock, tmp_path / "journals", links, make_composer(translations))


@pytest.fixture
def receive(world: World) -> Receive:
    """Give what every way in does: one mail, one transaction."""

    def hand_in(raw: bytes | str, *, to: str = "") -> Received:
        octets = raw.encode() if isinstance(raw, str) else raw
        envelope = [to if "@" in to else f"{to}@bounce.example.org"] if to else []
        with world.unit_of_work() as session:
            return feedback.receive(
                session, octets, source="test", links=world.links, now=world.clock(), envelope=envelope
            )

    return hand_in


@pytest.fixture
def sent(world: World) -> World:
    """Give a campaign to three readers that was accepted for all of them."""
    launch(world, readers=3)
    return world


def launch(world: World, readers: int) -> None:
    """Plan a campaign, and write down that every mail of it was accepted: to send them is others' test."""
    world.launched(readers)
    now = world.clock()
    accepted = {"state": "accepted", "attempts": 1, "first_attempt_at": now, "settled_at": now}
    with world.unit_of_work() as session:
        session.execute(update(Delivery).values(accepted))


def verp(world: World, reader: int = 1, campaign: int | None = None) -> str:
    return world.links.bounce_local((campaign or world.campaign_id, reader))
