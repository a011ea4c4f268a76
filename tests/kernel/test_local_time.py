"""Local hours: gaps, folds, skipped days and zones that are none, and what holds on every day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel.local_time import begins_at, day_begun, is_zone, moment_on, next_hour, zone_or

# Half hours, three quarters, both ends of the Earth, both halves of the year, and a day that was left out.
ZONES = (
    *("America/Edmonton", "America/St_Johns", "America/Regina", "Australia/Lord_Howe", "Asia/Kathmandu"),
    *("Pacific/Kiritimati", "Pacific/Niue", "Pacific/Apia", "Africa/Casablanca", "Europe/Paris", "UTC"),
)
days = st.dates(date(2011, 1, 1), date(2035, 12, 31))
hours, zones = st.integers(0, 23), st.sampled_from(ZONES)
BEGIN = datetime(2011, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=9000)).map(lambda passed: BEGIN + passed)


@pytest.mark.parametrize(
    ("day", "hour", "zone", "moment"),
    [
        (date(2026, 3, 3), 9, "America/Edmonton", "2026-03-03T16:00"),
        (date(2026, 3, 8), 9, "America/Edmonton", "2026-03-08T15:00"),
        (date(2026, 3, 8), 2, "America/Edmonton", "2026-03-08T09:00"),  # skipped: 3 a.m. is what follows
        (date(2026, 11, 1), 1, "America/Edmonton", "2026-11-01T07:00"),  # twice: the first
        (date(2026, 10, 4), 2, "Australia/Lord_Howe", "2026-10-03T15:30"),  # half an hour is skipped
        (date(2011, 12, 30), 9, "Pacific/Apia", "2011-12-30T19:00"),  # a whole day is skipped
        (date(2026, 1, 1), 0, "Pacific/Kiritimati", "2025-12-31T10:00"),
    ],
)
def test_an_hour_on_a_day(day: date, hour: int, zone: str, moment: str) -> None:
    assert moment_on(day, hour, zone) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@given(days, hours, zones)
def test_it_is_that_hour_there_or_what_follows_a_gap(day: date, hour: int, zone: str) -> None:
    """A clock skips an hour, or half of one; only a calendar that leaves out a day shows another."""
    local = moment_on(day, hour, zone).astimezone(ZoneInfo(zone))
    shown = local.replace(tzinfo=None)
    wanted = datetime.combine(day, time(hour))
    is_left_out = (zone, day) == ("Pacific/Apia", date(2011, 12, 30))
    assert shown == wanted or is_left_out or timedelta() < shown - wanted <= timedelta(hours=1)
    # Nobody's day begins before it begins at UTC+14: content is cut off before anybody's slot.
    assert moment_on(day, hour, zone) >= begins_at(day)


@given(moments, hours, zones)
def test_the_next_hour_is_never_past_and_never_two_days_off(at: datetime, hour: int, zone: str) -> None:
    found = next_hour(at, hour, zone)
    assert at <= found <= at + timedelta(hours=49)
    assert next_hour(found, hour, zone) == found


@given(moments)
def test_a_day_has_begun_once_it_begins_first(at: datetime) -> None:
    day = day_begun(at)
    assert begins_at(day) <= at < begins_at(day + timedelta(days=1))


@pytest.mark.parametrize("name", ["Mars/Olympus", "America", "../etc/passwd", "", "\0", "/etc/localtime"])
def test_what_is_no_zone_falls_back(name: str) -> None:
    assert not is_zone(name)
    assert zone_or(name, "America/Halifax") == "America/Halifax"
    assert zone_or(name, name) == "UTC"
    assert zone_or(None, "America/Halifax") == "America/Halifax"
    with pytest.raises(ValueError, match="no such time zone"):
        moment_on(date(2026, 3, 3), 9, name)
