"""Occurrences: which day a mail is for, what it is called, and when whom it is due; no database here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.campaigns.occurrences import (
    Cadence,
    Slot,
    Wish,
    cut_off_at,
    day_after,
    due_from,
    due_on,
    occurrence,
    upcoming_day,
)
from tests.kernel.test_local_time import ZONES, moments

SLOT = Slot(weekday=1, day_of_month=31, hour=9, zone="America/Edmonton")
days = st.dates(date(2015, 1, 1), date(2040, 12, 31))
cadences = st.sampled_from(["weekly", "monthly"])
wishes = st.builds(
    Wish,
    st.none() | st.integers(0, 6),
    st.none() | st.integers(0, 23),
    st.none() | st.sampled_from([*ZONES, "Mars/Olympus"]),
)


@pytest.mark.parametrize(
    ("cadence", "day", "name"),
    [
        ("weekly", date(2026, 11, 17), "weekly:2026-W47-2"),
        ("weekly", date(2027, 1, 1), "weekly:2026-W53-5"),  # New Year's Day in the old year's week
        ("weekly", date(2029, 12, 31), "weekly:2030-W01-1"),  # and New Year's Eve in the new year's
        ("monthly", date(2026, 11, 30), "monthly:2026-11"),
    ],
)
def test_names(cadence: Cadence, day: date, name: str) -> None:
    assert occurrence(cadence, day) == name


@pytest.mark.parametrize(
    ("after", "day_of_month", "found"),
    [
        (date(2026, 1, 31), 31, date(2026, 2, 28)),
        (date(2028, 2, 1), 30, date(2028, 2, 29)),
        (date(2026, 2, 28), 31, date(2026, 3, 31)),
        (date(2026, 12, 31), 31, date(2027, 1, 31)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 11, 29), 31, date(2026, 11, 30)),
    ],
)
def test_the_31st(after: date, day_of_month: int, found: date) -> None:
    """A month that has none has its last day."""
    assert day_after(after, "monthly", weekday=0, day_of_month=day_of_month) == found


@given(days, st.integers(0, 6))
def test_weeks_follow_each_other(day: date, weekday: int) -> None:
    found = day_after(day, "weekly", weekday=weekday, day_of_month=1)
    assert day < found <= day + timedelta(days=7)
    assert found.weekday() == weekday
    following = day_after(found, "weekly", weekday=weekday, day_of_month=1)
    assert following == found + timedelta(days=7)
    assert occurrence("weekly", following) != occurrence("weekly", found)


@given(days, st.integers(1, 31))
def test_every_month_has_one_day(day: date, day_of_month: int) -> None:
    found = day_after(day, "monthly", weekday=0, day_of_month=day_of_month)
    following = day_after(found, "monthly", weekday=0, day_of_month=day_of_month)
    assert day < found < following
    months = [each.year * 12 + each.month for each in (day, found, following)]
    assert months[1] - months[0] in (0, 1)
    assert months[2] - months[1] == 1


@given(moments, cadences, st.none() | st.integers(0, 6), wishes)
def test_what_comes_next_is_cut_off_later_and_due_after_that(
    now: datetime, cadence: Cadence, weekday: int | None, wish: Wish
) -> None:
    """Nobody's slot is before the content is settled, in any zone, on the days of clock changes too."""
    day = upcoming_day(now, cadence, SLOT, weekday)
    assert now < cut_off_at(day) <= due_on(day, SLOT, wish) <= cut_off_at(day) + timedelta(hours=51)


def test_a_reader_s_own_wish_stands_in_for_the_organisation_s() -> None:
    day = date(2026, 11, 17)
    assert due_on(day, SLOT) == datetime(2026, 11, 17, 16, tzinfo=UTC)
    assert due_on(day, SLOT, Wish(zone="America/Halifax")) == datetime(2026, 11, 17, 13, tzinfo=UTC)
    assert due_on(day, SLOT, Wish(hour=18)) == datetime(2026, 11, 18, 1, tzinfo=UTC)
    assert due_on(day, SLOT, Wish(hour=18, zone="Mars/Olympus")) == datetime(2026, 11, 18, 1, tzinfo=UTC)


def test_each_tip_comes_when_it_is_out_or_at_the_reader_s_own_hour() -> None:
    out = datetime(2026, 11, 17, 16, tzinfo=UTC)
    assert due_from(out, SLOT) == due_from(out, SLOT, Wish(zone="America/Halifax")) == out
    assert due_from(out, SLOT, Wish(hour=9)) == out
    assert due_from(out, SLOT, Wish(hour=8)) == datetime(2026, 11, 18, 15, tzinfo=UTC)
    assert due_from(out, SLOT, Wish(hour=18, zone="America/Halifax")) == datetime(
        2026, 11, 17, 22, tzinfo=UTC
    )
