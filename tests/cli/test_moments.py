"""Local times as typed: which moment they mean, and which are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.cli.moments import ZONE, comes_twice, in_words, local_moment, refuse_past

ZONES = ["America/Edmonton", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-12-01 09:00", "America/Edmonton", datetime(2026, 12, 1, 16, 0, tzinfo=UTC)),
        ("2026-07-01T09:00", "America/Edmonton", datetime(2026, 7, 1, 15, 0, tzinfo=UTC)),
        (" 2026-12-01 09:30 ", "America/St_Johns", datetime(2026, 12, 1, 13, 0, tzinfo=UTC)),
        # Of an hour that comes twice the first is meant, which is still summer time.
        ("2026-11-01 01:30", "America/Edmonton", datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_a_moment(text: str, zone: str, moment: datetime) -> None:
    assert local_moment(text, zone) == moment
    assert local_moment(text, zone).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tomorrow", "no date and hour"),
        ("2026-12-01", "no hour"),
        ("20261201", "no hour"),
        ("2026-13-01 09:00", "no date and hour"),
        ("2026-12-01 09:00+02:00", "a zone of its own"),
        ("2026-12-01T09:00Z", "a zone of its own"),
        ("2026-03-08 02:30", "springs forward"),
    ],
)
def test_what_is_no_moment_is_refused(text: str, words: str) -> None:
    with pytest.raises(click.BadParameter, match=words):
        local_moment(text, "America/Edmonton")


@given(minutes=st.integers(0, 18 * 366 * 24 * 60), zone=st.sampled_from(ZONES))
def test_the_clock_there_shows_what_was_typed(minutes: int, zone: str) -> None:
    text = f"{datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes):%Y-%m-%d %H:%M}"
    moment = _meant(text, zone)
    if moment is not None:
        assert f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" == text
    else:
        # A refused time is one that the clock skips: the zone's offset changes around it.
        around = local_moment(text, "UTC")
        assert (
            len({(around + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset() for day in (-1, 1)})
            == 2
        )


@pytest.mark.parametrize("name", ["America", "", "/etc/localtime", "../UTC", "Mars/Phobos", "x" * 300])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time zone"):
        ZONE.convert(name, None, None)


@pytest.mark.parametrize(("late", "refused"), [(59, False), (60, False), (61, True), (60 * 24 * 365, True)])
def test_the_past_is_refused_after_an_hour(now: datetime, late: int, refused: bool) -> None:
    due_at = now - timedelta(minutes=late)
    if not refused:
        refuse_past(due_at, "UTC", now)
        return
    with pytest.raises(click.BadParameter, match=r"is past; it is Monday, March 2, 2026, 4 p\.m\."):
        refuse_past(due_at, "UTC", now)


def test_words_for_a_moment() -> None:
    at = local_moment("2026-11-01 01:30", "America/Edmonton")
    assert in_words(at, "America/Edmonton") == (
        "Sunday, November 1, 2026, 1:30 a.m. (America/Edmonton, UTC-06:00)"
    )


@pytest.mark.parametrize(
    ("text", "twice"), [("2026-11-01 01:30", True), ("2026-11-01 02:30", False), ("2026-03-08 03:30", False)]
)
def test_an_hour_that_comes_twice(text: str, twice: bool) -> None:
    assert comes_twice(local_moment(text, "America/Edmonton"), "America/Edmonton") is twice


def _meant(text: str, zone: str) -> datetime | None:
    try:
        return local_moment(text, zone)
    except click.BadParameter:
        return None
