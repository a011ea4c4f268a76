"""``flask campaigns status``: what a person at a terminal reads first."""

from __future__ import annotations

from datetime import datetime

from newsletter_app import notices, tips
from tests.cli.conftest import Shell
from tests.factories.content import make_draft


def test_times_are_told_in_the_organisations_zone(shell: Shell, now: datetime) -> None:
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        tips.save_draft(session, make_draft(24), notice=notice, now=now)
    shell.told("tips", "publish", "24", "--at", "2026-12-01 09:00")
    told = shell.told("campaigns", "status")
    assert "due Tuesday, December 1, 2026, 9 a.m. (America/Edmonton, UTC-07:00)" in told


def test_a_number_no_database_can_hold_is_refused_in_a_sentence(shell: Shell) -> None:
    told = shell.refusal("campaigns", "status", 20 * "9")
    assert told.startswith("Error: ")
    assert told.endswith("Nothing was changed.\n")
