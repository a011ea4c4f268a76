"""A launched campaign whose mails were accepted, and the mails that come back about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from newsletter_app import feedback
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
        envelope = [f"{to}@bounce.example.org"] if to else []
        with world.unit_of_work() as session:
            return feedback.receive(
                session, octets, source="test", links=world.links, now=world.clock(), envelope=envelope
            )

    return hand_in
