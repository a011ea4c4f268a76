"""Series campaigns: the next day alone is made, and only if somebody's series may go on then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.campaigns import (
    Campaign,
    Wish,
    cancel,
    find_by_occurrence,
    launch_due,
    schedule_digests,
    series_weekdays,
)
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.notices import Notice
from newsletter_app.planning import begin_series
from newsletter_app.subscriptions import PACES, of_subscriber, stop_series
from newsletter_app.tips import send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import NO_WISH, make_reader

# The tests' now is a Monday; Tuesday is the organisation's day, and has begun somewhere on Earth.
WEDNESDAY, THURSDAY, FRIDAY = "series:2026-03-04", "series:2026-03-05", "series:2026-03-06"


@given(st.sampled_from(PACES), st.integers(0, 6))
def test_days_of_a_pace(pace: str, weekday: int) -> None:
    """One, two or seven a week, the reader's own among them, and never two in a row but daily."""
    days = series_weekdays(pace, weekday)
    assert len(days) == {"daily": 7, "twice": 2, "weekly": 1}[pace]
    assert weekday in days
    gaps = {(b - a) % 7 for a in days for b in days if a != b}
    assert pace == "daily" or gaps <= {3, 4}


def begin(session: Session, now: datetime, pace: str, wish: Wish = NO_WISH) -> int:
    """Set an organisation with a notice, and one reader whose series runs; return the reader's id."""
    make_organisation(session)
    notice = make_notice(session, now)
    notice.offers_series = True
    send_into(session, make_tip(session, notice, 1, now), [notice.id], now)
    reader = make_reader(session, 1, [notice], now, wish=wish)
    begin_series(session, reader.id, notice.id, pace, live=False, now=now)
    return reader.id


def names(session: Session) -> list[str]:
    """Return what is scheduled, in order of time."""
    rows = select(Campaign.occurrence).where(Campaign.state == "scheduled")
    return list(session.scalars(rows.order_by(Campaign.due_at)))


def test_none_is_made_for_nobody(session: Session, now: datetime) -> None:
    make_organisation(session)
    make_notice(session, now)
    assert schedule_digests(session, now) == []


@pytest.mark.parametrize(
    ("pace", "wish", "days"),
    [
        ("daily", Wish(), [WEDNESDAY, THURSDAY, FRIDAY]),
        ("twice", Wish(), [FRIDAY]),
        ("weekly", Wish(), []),
        ("weekly", Wish(weekday=3), [THURSDAY]),
        ("twice", Wish(weekday=0), [THURSDAY, FRIDAY]),
    ],
)
def test_a_day_is_made_if_somebody_may_read_on(
    session: Session, now: datetime, pace: str, wish: Wish, days: list[str]
) -> None:
    """Tuesday is the organisation's day, so that twice a week is Friday, too, for who has left it to us."""
    begin(session, now, pace, wish)
    made = []
    for later in range(3):
        made += schedule_digests(session, now + timedelta(days=later))
        assert len(names(session)) <= 1, "one ahead and no more"
        launch_due(session, now + timedelta(days=later + 1))
    assert made == days


def test_it_is_due_at_the_hour_of_the_weekly_mail(session: Session, now: datetime) -> None:
    """It begins with its day where that begins first, and what is later than six hours is held."""
    begin(session, now, "daily")
    organisation.set_slot(session, "weekly", hour=18)
    schedule_digests(session, now)
    day = find_by_occurrence(session, WEDNESDAY)
    assert day is not None
    assert day.due_at == datetime(2026, 3, 5, 1, tzinfo=UTC)
    assert day.day is not None
    assert launch_due(session, begins_at(day.day) - timedelta(seconds=1)) == []
    assert launch_due(session, begins_at(day.day)) == [day.id]
    schedule_digests(session, begins_at(day.day))
    late = find_by_occurrence(session, THURSDAY)
    assert late is not None
    launch_due(session, late.due_at + timedelta(hours=6, seconds=1))
    assert (late.state, late.pause_reason) == ("paused", "overdue")


def test_a_day_that_nobody_wants_any_more_is_taken_back(session: Session, now: datetime) -> None:
    reader_id = begin(session, now, "daily")
    schedule_digests(session, now)
    stop_series(session, of_subscriber(session, reader_id)[0])
    schedule_digests(session, now)
    assert names(session) == []


def test_a_day_that_staff_cancelled_stays_cancelled(session: Session, now: datetime) -> None:
    begin(session, now, "daily")
    schedule_digests(session, now)
    day = find_by_occurrence(session, WEDNESDAY)
    assert day is not None
    cancel(session, day, "editor@example.org", now)
    assert schedule_digests(session, now) == []
    assert day.pause_reason == "given-back"


def test_what_is_on_the_web_alone_is_put_ahead_at_launch(session: Session, now: datetime) -> None:
    """An import puts tips on the web and mails nobody; their places are beyond every stream."""
    begin(session, now, "daily")
    notice = session.get_one(Notice, 1)
    session.refresh(notice)
    make_tip(session, notice, 9, now)
    schedule_digests(session, now)
    launch_due(session, begins_at(datetime(2026, 3, 4, tzinfo=UTC).date()))
    session.refresh(notice)
    assert notice.last_seq == 1, "no live reader is mailed it"
