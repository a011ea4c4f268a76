"""``flask organisation rhythm``: when weekly and monthly mails leave; what is not given stays."""

from __future__ import annotations

import pytest

from newsletter_app import audit
from tests.cli.conftest import Shell


def test_it_is_set_and_told(shell: Shell) -> None:
    before = shell.data("organisation", "rhythm")
    assert (before["weekly day"], before["monthly day"], before["whole tips"]) == ("tuesday", 1, 3)
    words = ["--weekly-day", "friday", "--monthly-day", "31", "--monthly-hour", "18", "--whole-tips", "2"]
    after = shell.data("organisation", "rhythm", *words, "--by", "bo@example.org")
    changed = {"weekly day": "friday", "monthly day": 31, "monthly hour": 18, "whole tips": 2}
    assert after == before | changed
    with shell.look() as session:
        entry = audit.newest(session)[0]
        assert (entry.actor, entry.action) == ("bo@example.org", "organisation.rhythm")
        assert entry.details == {"names": ["monthly_day", "monthly_hour", "weekly_day", "whole_tips"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--weekly-day", "someday"], "'someday' is not one of 'monday'"),
        (["--weekly-hour", "24"], "24 is not in the range 0<=x<=23"),
        (["--monthly-day", "0"], "0 is not in the range 1<=x<=31"),
        (["--whole-tips", "0"], "0 is not in the range 1<=x<=50"),
    ],
)
def test_what_no_calendar_shows_is_refused(shell: Shell, words: list[str], told: str) -> None:
    result = shell.run("organisation", "rhythm", *words)
    assert result.exit_code == 2
    assert told in result.output
