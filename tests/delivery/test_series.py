"""A series at a mail server: in order, stopped by one press, and nothing twice beside live tips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from newsletter_app.campaigns import schedule
from newsletter_app.delivery import Delivery
from newsletter_app.notices import Notice
from newsletter_app.planning import begin_series, explain, known_of
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, of_subscriber, stop, stop_series
from newsletter_app.tips import find_by_number
from tests.delivery.conftest import Week
from tests.factories.content import make_tip

# The day that begins next after the tests' Monday is Wednesday; the mail is due at 9 in Edmonton.
BEGINS = datetime(2026, 3, 3, 10, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 16, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def days(week: Week) -> Week:
    """Give three weekly readers of a notice with tips 1 to 3: two read it from tip 1, one with live tips."""
    for number in (1, 2, 3):
        week.publish(number)
    with week.world.unit_of_work() as session:
        session.get_one(Notice, 1).offers_series = True
        for reader in (2, 3, 4):
            row = of_subscriber(session, reader)[0]
            row.cadence, row.cursor = "each", 3
        begin_series(session, 3, 1, "daily", live=False, now=week.world.clock())
        begin_series(session, 4, 1, "daily", live=True, now=week.world.clock())
    return week


def told(week: Week, reader: int, number: int) -> str:
    """Return why a reader has a tip or not."""
    with week.world.unit_of_work() as session:
        who, tip, now = (
            session.get_one(Subscriber, reader),
            find_by_number(session, number),
            week.world.clock(),
        )
        assert tip is not None
        return explain(known_of(session, who, tip, now), now).code


def live(week: Week, number: int, at: datetime) -> None:
    """Send a tip to everybody who reads each."""
    with week.world.unit_of_work() as session:
        tip = make_tip(session, session.get_one(Notice, 1), number, at)
        schedule(session, tip, due_at=at, by="editor@example.org", now=at, notice_ids=[1])


def test_a_series_and_the_live_stream(days: Week) -> None:
    """Who reads a series alone gets the new tip in its turn; who has both gets it at once, and only once."""
    days.tick(BEGINS - timedelta(minutes=1))
    assert days.tick(BEGINS) == []
    live(days, 4, BEGINS + timedelta(hours=1))
    assert days.tick(BEGINS + timedelta(hours=1)) == ["reader2", "reader4"]
    assert days.tick(MORNING) == ["reader3", "reader4"]
    assert [told(days, 3, number) for number in (1, 2, 4)] == ["received", "queued", "ahead"]
    assert [told(days, 4, number) for number in (1, 2, 4)] == ["received", "queued", "received"]
    for later in (1, 2):
        days.tick(BEGINS + later * A_DAY)
        assert days.tick(MORNING + later * A_DAY) == ["reader3", "reader4"]
    assert days.subjects() == [f"Tip {number}: Walk a little {number}" for number in (4, 4, 1, 1, 2, 2, 3, 3)]
    days.tick(BEGINS + 3 * A_DAY)
    assert days.tick(MORNING + 3 * A_DAY) == ["reader3"]
    assert days.subjects()[-1] == "Tip 4: Walk a little 4"
    text = message_from_bytes(
        sorted(days.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)[-1].read_bytes(),
        policy=policy.default,
    )
    body = text.get_body(("plain",))
    assert body is not None
    assert "and read from tip 1." in " ".join(body.get_content().split())
    # Both have come to the end, and the next tip is for everybody at once.
    days.tick(BEGINS + 4 * A_DAY)
    live(days, 5, MORNING + 4 * A_DAY)
    assert days.tick(MORNING + 4 * A_DAY) == ["reader2", "reader3", "reader4"]


@pytest.mark.parametrize("way", ["notice", "series"])
def test_a_stop_is_obeyed_until_the_very_hour(days: Week, way: str) -> None:
    """One press ends the notice with its series; a series that was stopped gives nothing back."""  # M51, L8
    days.tick(BEGINS - timedelta(minutes=1))
    days.tick(BEGINS)
    with days.world.unit_of_work() as session:
        if way == "notice":
            stop(session, 3, None, source="one-click", now=BEGINS)
        else:
            stop_series(session, of_subscriber(session, 3)[0])
    assert days.tick(MORNING) == ["reader4"]
    with days.world.unit_of_work() as session:
        reasons = session.scalars(select(Delivery.reason).where(Delivery.subscriber_id == 3)).all()
        assert reasons == [{"notice": "ended", "series": "changed"}[way]]
        live_owed = select(Owed).where(Owed.subscription_id == 3, ~Owed.in_series)
        assert session.scalars(live_owed).all() == []
