"""A notice whose tips are numbered, an organisation, and one tip that is on the web."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from newsletter_app.notices import Notice
from newsletter_app.tips import Tip
from tests.factories.content import make_notice, make_organisation, make_tip


@pytest.fixture
def notice(session: Session, now: datetime) -> Notice:
    """Give a numbered notice of an organisation that may write."""
    make_organisation(session)
    return make_notice(session, now)


@pytest.fixture
def published(session: Session, notice: Notice, now: datetime) -> Tip:
    """Give a tip in both languages that readers see."""
    return make_tip(session, notice, 24, now)
