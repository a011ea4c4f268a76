"""Cadences: changed for active notices only, and the place in the stream stays."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from newsletter_app.kernel.errors import Breach
from newsletter_app.subscriptions import of_subscriber, set_cadences, stop
from tests.factories.people import an_active_reader, three_notices


def test_only_what_is_read_turns(session: Session, now: datetime) -> None:
    tips, events, news = (notice.id for notice in three_notices(session, now))
    reader = an_active_reader(session, [tips, events], now)
    stop(session, reader.id, [events], source="page", now=now)
    of_subscriber(session, reader.id, [tips])[0].cursor = 7
    wanted = dict.fromkeys((tips, events, news), "monthly")
    assert set_cadences(session, reader.id, wanted) == (tips,)
    assert set_cadences(session, reader.id, wanted) == ()
    rows = {row.notice_id: (row.cadence, row.cursor) for row in of_subscriber(session, reader.id)}
    assert rows == {tips: ("monthly", 7), events: ("each", 0)}


def test_an_unknown_cadence_changes_nothing(session: Session, now: datetime) -> None:
    tips = three_notices(session, now)[0].id
    reader = an_active_reader(session, [tips], now)
    with pytest.raises(Breach, match="cadence-unknown"):
        set_cadences(session, reader.id, {tips: "hourly"})
    assert of_subscriber(session, reader.id)[0].cadence == "each"
