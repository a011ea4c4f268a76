"""A tip on the desk: a draft with both sides, a reference and a picture's words."""

from __future__ import annotations

from datetime import datetime

import pytest

from newsletter_app import notices, tips
from tests.factories import content
from tests.web.conftest import World


@pytest.fixture
def draft(world: World, now: datetime) -> int:
    """Give the id of a draft that nobody has published, number 24."""
    with world.write() as session:
        notice = notices.offered(session)[0]
        tip = tips.save_draft(session, content.make_draft(24), notice=notice, now=now).tip
        tips.save_draft(session, content.make_draft(24, "fr"), notice=notice, now=now, into=tip)
        return tip.id


@pytest.fixture
def on_the_web(world: World, draft: int, now: datetime) -> int:
    """Give the id of a tip that readers see."""
    with world.write() as session:
        tip = tips.find(session, draft)
        assert tip is not None
        tips.publish(session, tip, now)
    return draft
