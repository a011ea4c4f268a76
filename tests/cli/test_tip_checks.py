"""``flask tips check`` and ``waive``: what is found, in words, and what a person lets through."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from newsletter_app import audit, notices, tips
from tests.cli.conftest import Shell
from tests.factories import content


@pytest.fixture
def shell(shell: Shell, now: datetime) -> Shell:
    """Give an installation with tip 24, whose review is past."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        content.make_tip(session, notice, 24, now).review_due = date(2026, 3, 1)
    return shell


def test_all_that_stands_against_a_tip_is_told(shell: Shell) -> None:
    ended = shell.run("tips", "check", "24")
    assert ended.exit_code == 1
    assert ended.output.startswith("Stops it  review-overdue: the day by which it was to be checked again")
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = None
    assert shell.told("tips", "check", "24") == "Nothing speaks against mailing it.\n"
    assert "no tip 99" in shell.refusal("tips", "check", "99")


def test_what_is_waived_is_kept_and_lets_the_tip_out(shell: Shell) -> None:
    why = ("--reason", "Dr. Roy read it.", "--by", "bo@example.org")
    assert shell.told("tips", "waive", "24", "review-overdue", *why) == "review-overdue stops it no more.\n"
    told = shell.told("tips", "check", "24")
    assert told == "Waived  review-overdue: waived by bo@example.org on 2026-03-02: Dr. Roy read it.\n"
    with shell.look() as session:
        entry = audit.newest(session)[0]
        assert (entry.action, entry.details["reason"]) == ("tip.waived", "Dr. Roy read it.")
    assert "on its way" in shell.told("tips", "publish", "24")


def test_only_what_stands_against_it_is_waived(shell: Shell) -> None:
    assert "Nothing called html-too-big stands against it" in shell.refusal(
        "tips", "waive", "24", "html-too-big", "--reason", "A"
    )
    assert "in 1 to 300 signs" in shell.refusal("tips", "waive", "24", "review-overdue", "--reason", " ")
    assert '"level": "blocks"' in shell.run("tips", "check", "24", "--json").output
