"""Launches that others would not believe: refused at the terminal, waived on record, told in the status."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from newsletter_app import audit, campaigns, notices, tips
from newsletter_app.adapters.sender_check import check_sender, sender_of
from newsletter_app.campaigns import Campaign
from tests.authentication.published import DMARC, published
from tests.cli.outside import Outside, outside
from tests.factories.content import make_draft

__all__ = ["outside"]

WHY = ("--despite-authentication", "The board wants it out today")


@pytest.fixture
def drafted(outside: Outside, now: datetime) -> Outside:
    """Give an installation with tip 24, not on the web yet."""
    with outside.shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        tips.save_draft(session, make_draft(24), notice=notice, now=now)
    return outside


def campaign(outside: Outside) -> Campaign | None:
    with outside.shell.look() as session:
        return campaigns.find_by_occurrence(session, "tip:24")


def tick(outside: Outside, now: datetime) -> list[int]:
    """Let go and launch as the workers' tick does."""
    sender = sender_of(outside.shell.ports.settings)
    with outside.shell.look() as session:
        campaigns.release_proven(session, sender, now)
        return campaigns.launch_due(session, now, sender)


def waivers(outside: Outside) -> list[tuple[str, str, object]]:
    with outside.shell.look() as session:
        entries = audit.newest(session)
        return [
            (one.actor, one.subject, one.details)
            for one in entries
            if one.action == "campaign.authentication-waived"
        ]


def test_what_all_believe_is_published_without_a_word(drafted: Outside, now: datetime) -> None:
    told = drafted.shell.told("tips", "publish", "24")
    assert "believe" not in told
    assert len(tick(drafted, now)) == 1


def test_publishing_now_is_refused(drafted: Outside) -> None:  # M35
    drafted.dns[DMARC] = None
    told = drafted.shell.refusal("tips", "publish", "24")
    assert "  DMARC: there is no record _dmarc.charity.example" in told
    assert "Mend it as flask doctor says. --despite-authentication WHY sends it all the same." in told
    assert told.endswith("Nothing was changed.\n")
    assert campaign(drafted) is None


def test_what_goes_out_later_is_warned_of(drafted: Outside) -> None:
    drafted.dns[DMARC] = None
    told = drafted.shell.told("tips", "publish", "24", "--at", "2026-12-01 09:00")
    assert "Note: others would not believe who sends:" in told
    assert "held on its day" in told
    found = campaign(drafted)
    assert found is not None
    assert found.state == "scheduled"


def test_a_reason_has_it_published_all_the_same(drafted: Outside, now: datetime) -> None:  # M35
    drafted.dns[DMARC] = None
    drafted.shell.told("tips", "publish", "24", *WHY, "--by", "bo@example.org")
    details = {"why": "The board wants it out today", "faults": ["dmarc-missing"]}
    assert waivers(drafted) == [("bo@example.org", "tip:24", details)]
    assert len(tick(drafted, now)) == 1


@pytest.mark.parametrize("words", [["--web-only", *WHY], ["--despite-authentication", " "]])
def test_a_reason_that_says_nothing_or_has_no_place_is_refused(drafted: Outside, words: list[str]) -> None:
    drafted.shell.refusal("tips", "publish", "24", *words)
    assert campaign(drafted) is None
    assert waivers(drafted) == []


@pytest.fixture
def held(drafted: Outside, now: datetime) -> Outside:
    """Give an installation whose tip was scheduled while all was well, and is held on its day."""
    drafted.shell.told("tips", "publish", "24")
    drafted.dns[DMARC] = None
    shell = drafted.shell
    sender = sender_of(shell.ports.settings)
    check_sender(shell.ports.unit_of_work, sender, lambda: published(drafted.dns), now, anew=True)
    assert tick(drafted, now) == []
    return drafted


def test_the_status_says_why_it_is_held_and_what_to_do(held: Outside) -> None:  # M35
    told = held.shell.told("campaigns", "status")
    assert "paused, held, for others would not believe who sends: DMARC: there is no record" in told
    assert "`flask doctor` says what to do; then it goes on by itself" in told
    found = held.shell.data("campaigns", "status")["tip:24"]
    assert found["paused_by"] == "check"
    assert found["faults"] == ["DMARC: there is no record _dmarc.charity.example, nor one above it"]


def test_resuming_is_refused_until_somebody_gives_a_reason(held: Outside, now: datetime) -> None:  # M35
    assert "DMARC: there is no record" in held.shell.refusal("campaigns", "resume", "tip:24")
    assert waivers(held) == []
    told = held.shell.told("campaigns", "resume", "tip:24", *WHY, "--by", "bo@example.org")
    assert told.endswith("tip:24: scheduled\n")
    assert [actor for actor, _subject, _details in waivers(held)] == ["bo@example.org"]
    assert len(tick(held, now)) == 1


def test_doctor_lets_go_what_was_mended(held: Outside, now: datetime) -> None:  # M35
    """Nobody waits an hour for the service worker to ask again."""
    del held.dns[DMARC]
    held.shell.run("doctor")
    assert len(tick(held, now)) == 1


def test_what_has_begun_needs_no_reason(drafted: Outside, now: datetime) -> None:
    drafted.shell.told("tips", "publish", "24")
    tick(drafted, now)
    drafted.shell.told("campaigns", "pause", "tip:24")
    assert "It has begun" in drafted.shell.refusal("campaigns", "resume", "tip:24", *WHY)
    assert drafted.shell.told("campaigns", "resume", "tip:24") == "tip:24: planning\n"


def test_a_launch_that_awaits_the_first_look_says_so(drafted: Outside, now: datetime) -> None:
    shell = drafted.shell
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        campaigns.schedule(session, tip, due_at=now - timedelta(seconds=1), by="bo@example.org", now=now)
    assert tick(drafted, now) == []
    assert "waits until the service worker has asked the DNS" in shell.told("campaigns", "status")
