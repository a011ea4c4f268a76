"""Weekly mails at a mail server: everybody at their own hour, nobody who pauses, and no tip twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from newsletter_app import subscribers
from newsletter_app.campaigns import Campaign
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import missed_by, set_cadences
from tests.delivery.conftest import Week

# Tuesday, 9 o'clock: in Edmonton, in Halifax, and where it begins first.
EDMONTON, HALIFAX = datetime(2026, 3, 10, 15, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC)
BEGINS = datetime(2026, 3, 9, 10, tzinfo=UTC)
A_WEEK = timedelta(days=7)


def pause(week: Week, reader: int, until: datetime) -> None:
    with week.world.unit_of_work() as session:
        subscribers.pause(session, session.get_one(Subscriber, reader), until)


def test_a_week_of_everybody_s_own(week: Week) -> None:
    """Planned when the day begins first; a pause and another rhythm are obeyed until the very hour."""
    assert week.tick(BEGINS - timedelta(days=5)) == []
    week.publish(24)
    week.publish(25)
    assert week.tick(BEGINS) == []
    assert week.tick(HALIFAX - timedelta(minutes=1)) == []
    assert week.tick(HALIFAX) == ["reader2"]
    pause(week, 3, EDMONTON + timedelta(days=3))
    with week.world.unit_of_work() as session:
        set_cadences(session, 4, {1: "monthly"})
    assert week.tick(EDMONTON) == ["reader1"]
    assert week.subjects() == ["Tip 25: Walk a little 25, and one more this week"] * 2
    # The next week: who paused is offered what they missed, and gets what is new; the monthly mail waits.
    week.tick(EDMONTON + timedelta(days=4))
    week.publish(26)
    with week.world.unit_of_work() as session:
        assert len(missed_by(session, 3)) == 2
    week.tick(BEGINS + A_WEEK)
    assert week.tick(HALIFAX + A_WEEK) == ["reader2"]
    assert week.tick(EDMONTON + A_WEEK) == ["reader1", "reader3"]
    assert week.subjects()[2:] == ["Tip 26: Walk a little 26"] * 3
    # A month has all that came out since, and what was given back; nothing comes twice to anybody.
    april = datetime(2026, 3, 31, 10, tzinfo=UTC)
    assert week.tick(april - timedelta(hours=1)) == []
    week.tick(april)
    assert week.tick(datetime(2026, 4, 1, 15, tzinfo=UTC)) == ["reader4"]
    assert week.subjects()[-1] == "Tip 26: Walk a little 26, and 2 more this month"
    with week.world.unit_of_work() as session:
        over = session.scalars(select(Campaign.occurrence).where(Campaign.state == "finished")).all()
    assert {"weekly:2026-W11-2", "weekly:2026-W12-2", "monthly:2026-04"} <= set(over)
