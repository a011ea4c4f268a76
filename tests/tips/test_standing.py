"""The standing that pages tell by whether they are new: raised by whatever changes what they show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.notices import Notice
from newsletter_app.tips import Tip
from tests.factories.content import make_draft, make_notice, make_tip

Change = Callable[[Session, Tip, datetime], object]
CHANGES: dict[str, Change] = {
    "publish": tips.publish,
    "withdraw": lambda session, tip, now: tips.withdraw(session, tip, "It is wrong.", now),
    "topics": lambda session, tip, now: tips.set_topics(session, tip, [], now),
    "correct": lambda session, tip, now: tips.correct(session, tip, "A.", "B.", now),
    "save": lambda session, tip, now: tips.save_draft(
        session, make_draft(1), notice=session.get_one(Notice, tip.notice_id), now=now
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_raises_it(session: Session, now: datetime, change: Change) -> None:
    assert tips.standing(session) == (0, None)
    tip = make_tip(session, make_notice(session, now), 1, now)
    before = tips.standing(session)
    change(session, tip, now + timedelta(minutes=1))
    assert tips.standing(session) == (before.version + 1, now + timedelta(minutes=1))
