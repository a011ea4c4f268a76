"""Dates and hours in words, by table, at the edges of days, months and noon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel import words
from newsletter_app.kernel.languages import LANGUAGES, Language

EDMONTON = "America/Edmonton"


def at(text: str) -> datetime:
    """Return a UTC moment."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "english", "french"),
    [
        ("2026-03-03T16:00", "Tuesday, March 3", "mardi 3 mars"),
        ("2026-03-01T16:00", "Sunday, March 1", "dimanche 1er mars"),
        ("2026-08-01T05:59", "Friday, July 31", "vendredi 31 juillet"),
        ("2026-08-01T06:00", "Saturday, August 1", "samedi 1er août"),
        ("2027-01-01T06:59", "Thursday, December 31", "jeudi 31 décembre"),
    ],
)
def test_days(moment: str, english: str, french: str) -> None:
    assert words.day(at(moment), EDMONTON, "en") == english
    assert words.day(at(moment), EDMONTON, "fr") == french


@pytest.mark.parametrize(
    ("moment", "english", "french"),
    [
        ("2026-03-03T09:00", "9\u00a0a.m.", "9\u00a0h"),
        ("2026-03-03T14:30", "2:30\u00a0p.m.", "14\u00a0h\u00a030"),
        ("2026-03-03T09:05", "9:05\u00a0a.m.", "9\u00a0h\u00a005"),
        ("2026-03-03T12:00", "noon", "midi"),
        ("2026-03-03T00:00", "midnight", "minuit"),
        ("2026-03-03T12:15", "12:15\u00a0p.m.", "12\u00a0h\u00a015"),
        ("2026-03-03T00:15", "12:15\u00a0a.m.", "0\u00a0h\u00a015"),
        ("2026-03-03T13:00", "1\u00a0p.m.", "13\u00a0h"),
        ("2026-03-03T23:00", "11\u00a0p.m.", "23\u00a0h"),
    ],
)
def test_hours(moment: str, english: str, french: str) -> None:
    assert words.clock_time(at(moment), "UTC", "en") == english
    assert words.clock_time(at(moment), "UTC", "fr") == french


def test_when_says_about() -> None:
    moment = at("2026-03-03T16:00")
    assert words.when(moment, EDMONTON, "en") == "Tuesday, March\u00a03, about 9\u00a0a.m."
    assert words.when(moment, EDMONTON, "fr") == "le mardi 3\u00a0mars, vers 9\u00a0h"


def test_when_follows_summer_time() -> None:
    assert words.when(at("2026-07-07T15:00"), EDMONTON, "en") == "Tuesday, July\u00a07, about 9\u00a0a.m."


def test_full_dates() -> None:
    assert words.full_date(at("2026-03-03T16:00"), EDMONTON, "en") == "March 3, 2026"
    assert words.full_date(at("2026-03-03T16:00"), EDMONTON, "fr") == "3 mars 2026"
    assert words.full_date(at("2026-05-01T16:00"), EDMONTON, "fr") == "1er mai 2026"


@given(
    st.integers(946_684_800, 4_102_444_800),
    st.sampled_from(["America/St_Johns", EDMONTON, "Pacific/Kiritimati", "UTC"]),
    st.sampled_from(LANGUAGES),
)
def test_two_days_in_a_row_never_share_a_name(seconds: int, zone: str, language: Language) -> None:
    first = datetime.fromtimestamp(seconds, UTC)
    then = first + timedelta(days=1, hours=1)
    assert words.day(first, zone, language) != words.day(then, zone, language)
    assert words.full_date(first, zone, language) != words.full_date(then, zone, language)
