"""When a pause ends: on the same day some months later, as it begins where the reader is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsletter_app.subscribers import PAUSES, pause_until

EDMONTON = "America/Edmonton"


@pytest.mark.parametrize(
    ("at", "months", "until"),
    [
        ("2026-03-03T16:00", 3, "2026-06-03T06:00"),
        ("2026-01-31T16:00", 1, "2026-02-28T07:00"),
        ("2026-08-31T16:00", 6, "2027-02-28T07:00"),
        ("2026-11-30T16:00", 1, "2026-12-30T07:00"),
        ("2027-01-01T05:00", 6, "2027-06-30T06:00"),  # it is still the old year in Edmonton: December 31
    ],
)
def test_the_end_of_a_pause(at: str, months: int, until: str) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, until)]
    assert pause_until(moments[0], months, EDMONTON) == moments[1]


def test_three_lengths_are_offered() -> None:
    assert PAUSES == (1, 3, 6)
