"""The end of a pause: what came out meanwhile is offered, asked for or forgotten, not mailed unasked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import subscribers
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import (
    Missed,
    Owed,
    Subscription,
    end_pauses,
    forget_missed,
    go_on,
    missed_by,
    send_missed,
    start_again,
    stop,
)
from newsletter_app.tips import Publication, send_into
from tests.factories.content import make_notice, make_tip
from tests.factories.engine import make_reader
from tests.factories.people import EVIDENCE

A_DAY = timedelta(days=1)


class Stream:
    """A notice with one reader, and tips put into it a day after each other."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Begin with tip 1, which the reader has had."""
        self.session, self.now = session, now
        self.notice: Notice = make_notice(session, now)
        self.publish()
        self.reader: Subscriber = make_reader(session, 1, [self.notice], now)
        assert self.cursor == 1

    def publish(self) -> int:
        """Put the next tip into the stream a day later; return its id."""
        self.now += A_DAY
        number = len(self.session.scalars(select(Publication)).all()) + 1
        tip = make_tip(self.session, self.notice, number, self.now)
        send_into(self.session, tip, [self.notice.id], self.now)
        self.session.refresh(self.notice)
        return tip.id

    @property
    def cursor(self) -> int:
        """The reader's place in the stream."""
        return self.session.scalars(select(Subscription.cursor)).one()

    def rows(self, table: type[Owed | Missed]) -> int:
        """Return how many rows there are."""
        return len(self.session.scalars(select(table)).all())


@pytest.fixture
def stream(session: Session, now: datetime) -> Stream:
    """Give a notice with one reader."""
    return Stream(session, now)


def test_what_came_out_during_a_pause_is_offered(session: Session, stream: Stream) -> None:
    """And what came out since is not, though the pause's end was noticed late."""
    until = stream.now + timedelta(days=2, hours=1)
    subscribers.pause(session, stream.reader, until)
    second, third = stream.publish(), stream.publish()
    assert end_pauses(session, stream.now) == 0
    stream.publish()
    assert end_pauses(session, stream.now) == 1
    assert missed_by(session, stream.reader.id) == [third, second]
    assert stream.cursor == 3
    session.refresh(stream.reader)
    assert stream.reader.paused_until is None
    assert end_pauses(session, stream.now) == 0


def test_what_a_pause_held_back_at_the_last_moment_is_offered_too(session: Session, stream: Stream) -> None:
    """It was planned, and the claim gave it back."""
    second = stream.publish()
    [subscription] = session.scalars(select(Subscription))
    subscription.cursor = 2
    publication = session.scalars(select(Publication.id).where(Publication.tip_id == second)).one()
    session.add(Owed(subscription_id=subscription.id, publication_id=publication, created_at=stream.now))
    subscribers.pause(session, stream.reader, stream.now + A_DAY)
    assert go_on(session, stream.reader, stream.now + timedelta(hours=1))
    assert missed_by(session, stream.reader.id) == [second]
    assert stream.rows(Owed) == 0


def test_a_reader_ends_it_themselves(session: Session, stream: Stream) -> None:
    assert not go_on(session, stream.reader, stream.now)
    subscribers.pause(session, stream.reader, stream.now + timedelta(days=90))
    second = stream.publish()
    assert go_on(session, stream.reader, stream.now + timedelta(hours=1))
    assert stream.reader.paused_until is None
    assert missed_by(session, stream.reader.id) == [second]
    assert stream.cursor == 2


@pytest.mark.parametrize(("act", "owed"), [("send", 1), ("forget", 0)])
def test_what_is_offered_comes_or_not_as_the_reader_says(
    session: Session, stream: Stream, act: str, owed: int
) -> None:
    subscribers.pause(session, stream.reader, stream.now + timedelta(days=90))
    stream.publish()
    go_on(session, stream.reader, stream.now + timedelta(hours=1))
    if act == "send":
        send_missed(session, stream.reader.id, stream.now)
        send_missed(session, stream.reader.id, stream.now)
    else:
        forget_missed(session, stream.reader.id)
    assert stream.rows(Owed) == owed
    assert missed_by(session, stream.reader.id) == []


def test_who_stopped_and_came_back_begins_anew(session: Session, stream: Stream) -> None:
    subscribers.pause(session, stream.reader, stream.now + timedelta(days=90))
    stream.publish()
    go_on(session, stream.reader, stream.now + timedelta(hours=1))
    stop(session, stream.reader.id, None, source="page", now=stream.now)
    assert missed_by(session, stream.reader.id) == []
    start_again(
        session, stream.reader.id, [stream.notice.id], source="choices", evidence=EVIDENCE, now=stream.now
    )
    assert stream.rows(Missed) == 0


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_who_gives_back_does_not_wait_for_the_end_of_a_pause(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    """It holds a delivery's row; whoever waits for that in turn must not be waited for."""
    with sessions() as session:
        stream = Stream(session, now)
        stream.reader.paused_until = now + A_DAY
        session.commit()
    with sessions() as ending, sessions() as recording:
        assert end_pauses(ending, now + A_DAY) == 1
        recording.execute(text("SET LOCAL lock_timeout = '50ms'"))
        owed = {"subscription_id": 1, "publication_id": 1, "created_at": now}
        recording.execute(insert(Owed), owed)
