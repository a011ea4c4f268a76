"""When the DNS is asked again, and what a check says to a launch."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from newsletter_app.authentication.rules import CheckState, Word, is_due, state_of, word_of
from newsletter_app.kernel.observations import Gravity, Observation


@pytest.mark.parametrize(
    ("state", "minutes", "due"),
    [
        ("ok", 24 * 60 - 1, False),
        ("ok", 24 * 60, True),
        ("fault", 59, False),
        ("fault", 60, True),
        ("unasked", 59, False),
        ("unasked", 60, True),
        ("", 1, False),
        ("", 2, True),
        ("ok", -1, True),
    ],
)
def test_what_is_well_is_asked_daily_and_what_is_not_hourly(
    state: str, minutes: int, due: bool, now: datetime
) -> None:
    assert is_due(CheckState(state), now - timedelta(minutes=minutes), now) is due


OK = Observation("dkim-ok", Gravity.ok)
WARNING = Observation("dkim-testing", Gravity.warning)
UNASKED = Observation("mx-unasked", Gravity.unasked)
FAULT = Observation("spf-missing", Gravity.fault)


@pytest.mark.parametrize(
    ("found", "faults", "state", "word"),
    [
        ([OK, WARNING], [], "ok", "go"),
        ([OK, UNASKED], [], "unasked", "go"),
        ([UNASKED, FAULT], [FAULT], "fault", "stay"),
        ([Observation("ptr-missing", Gravity.fault)], [], "ok", "go"),
    ],
)
def test_what_a_check_says(
    found: list[Observation], faults: list[Observation], state: str, word: str
) -> None:  # M35
    assert state_of(found, faults) == state
    assert word_of(CheckState(state)) == word


def test_the_first_check_is_waited_for() -> None:
    assert word_of(CheckState.begun) is Word.wait
