"""Whom each kind of mail concerns, what cannot be switched off, and when a time has come: tables."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from newsletter_app.staff_mail.rules import (
    KINDS,
    Kind,
    can_silence,
    concerns,
    is_board_day,
    is_eve,
    week_to_fill,
)

ZONE = "America/Edmonton"
WHOM = {
    "review": "editor publisher owner",
    "decided": "editor publisher owner",
    "tomorrow": "publisher owner",
    "went": "publisher owner",
    "gap": "publisher owner",
    "stopped": "publisher owner",
    "board": "viewer owner",
}
ROLES = ("viewer", "editor", "publisher", "owner")


@pytest.mark.parametrize("kind", KINDS)
def test_whom_it_concerns_and_who_may_switch_it_off(kind: Kind) -> None:
    assert {role for role in ROLES if concerns(kind, role)} == set(WHOM[kind].split())
    kept = {role for role in ROLES if concerns(kind, role) and not can_silence(kind, role)}
    assert kept == ({"owner"} if kind == "stopped" else set())


def at(text: str) -> datetime:
    """Return the moment of a time in Edmonton in winter."""
    return datetime.fromisoformat(f"{text}-07:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "due", "is_time"),
    [
        ("2026-03-02T09:00", "2026-03-03T00:00", True),
        ("2026-03-02T23:59", "2026-03-03T23:59", True),
        ("2026-03-02T08:59", "2026-03-03T09:00", False),
        ("2026-03-02T12:00", "2026-03-04T00:00", False),
        ("2026-03-02T12:00", "2026-03-02T18:00", False),
        ("2026-03-03T09:00", "2026-03-03T09:30", False),
    ],
)
def test_the_day_before(now: str, due: str, is_time: bool) -> None:
    assert is_eve(at(due), at(now), ZONE) is is_time


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-03-02T12:00", None),
        ("2026-03-05T08:59", None),
        ("2026-03-05T09:00", date(2026, 3, 9)),
        ("2026-03-06T01:00", date(2026, 3, 9)),
        ("2026-03-08T22:00", date(2026, 3, 9)),
        ("2025-12-31T12:00", None),
        ("2026-01-01T12:00", date(2026, 1, 5)),
    ],
)
def test_next_week_is_asked_about_from_thursday_on(now: str, monday: date | None) -> None:
    # The clocks go forward on March 8, so its evening is an hour nearer.
    assert week_to_fill(at(now), ZONE) == monday


@pytest.mark.parametrize(("day", "is_due"), [(1, True), (7, True), (8, False), (31, False)])
def test_last_month_is_told_in_the_first_days(day: int, is_due: bool) -> None:
    assert is_board_day(date(2026, 3, day)) is is_due
