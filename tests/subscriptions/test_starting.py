"""Making subscriptions wait or run: what is active is never made to wait again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import subscriptions
from newsletter_app.subscriptions import Owed
from newsletter_app.subscriptions.starting import activate, put_pending
from newsletter_app.tips import Publication, Tip
from tests.factories.people import an_active_reader, states, three_notices


def test_waiting_is_for_what_is_not_active(session: Session, now: datetime) -> None:
    first, second, third = (notice.id for notice in three_notices(session, now))
    reader = an_active_reader(session, [first, second], now)
    subscriptions.stop(session, reader.id, [second], source="one-click", now=now)
    put_pending(session, reader.id, [first, second, third], now)
    session.expire_all()
    assert states(session, reader) == {first: "active", second: "pending", third: "pending"}


def test_nothing_of_an_earlier_time_is_owed_after_coming_back(session: Session, now: datetime) -> None:
    (notice, *_) = three_notices(session, now)
    reader = an_active_reader(session, [notice.id], now)
    (row,) = subscriptions.of_subscriber(session, reader.id)
    tip = Tip(notice_id=notice.id, created_at=now)
    session.add(tip)
    session.flush()
    publication = Publication(tip_id=tip.id, notice_id=notice.id, seq=1, created_at=now)
    session.add(publication)
    session.flush()
    session.add(Owed(subscription_id=row.id, publication_id=publication.id, created_at=now))
    session.flush()
    assert activate(session, reader.id, [notice.id], now) == ()
    assert len(session.scalars(select(Owed)).all()) == 1
    subscriptions.stop(session, reader.id, None, source="one-click", now=now)
    assert activate(session, reader.id, [notice.id], now + timedelta(days=1)) == (notice.id,)
    assert session.scalars(select(Owed)).all() == []
