"""Topics, reviews, corrections and answers at the terminal; a slip is refused and changes nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from newsletter_app import audit, campaigns, notices, tips
from newsletter_app.tips import Tip
from tests.cli.conftest import Shell
from tests.factories import content


@pytest.fixture
def shell(shell: Shell, now: datetime) -> Shell:
    """Give an installation with tip 24 on the web in both languages, and a topic."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        content.make_tip(session, notice, 24, now)
    shell.told("topics", "add", "feet", "--name-en", "Feet", "--name-fr", "Pieds")
    return shell


def tip_of(shell: Shell) -> Tip:
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        return tip


def test_topics_are_given_and_listed(shell: Shell) -> None:
    assert shell.told("tips", "topics", "24", "feet") == "The tip is about: feet.\n"
    assert shell.told("topics", "list") == "feet  Feet / Pieds  tips on the web: 1\n"
    assert "There is no topic foot, leg. See" in shell.refusal("tips", "topics", "24", "foot", "leg")
    shell.told("tips", "topics", "#24")
    assert shell.data("topics", "list") == [{"key": "feet", "tips": 0, "en": "Feet", "fr": "Pieds"}]
    assert "There is a topic feet already" in shell.refusal(
        *("topics", "add", "feet", "--name-en", "A", "--name-fr", "B")
    )


def test_a_review_is_noted_and_lets_a_held_campaign_go(shell: Shell, now: datetime) -> None:
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = date(2026, 3, 1)
        campaigns.schedule(session, tip, due_at=now, by="bo", now=now)
        campaigns.launch_due(session, now)
    told = shell.told("campaigns", "status", "tip:24")
    assert "held: the day by which it was to be checked again is past (flask tips review" in told
    assert "— a review lets it go, `cancel` drops it" in told
    assert shell.data("campaigns", "status")["tip:24"]["reason"] == "review-overdue"
    told = shell.told(*("tips", "review", "24", "--reviewer", "Dr. Roy", "--due", "2027-03-01"))
    assert told.splitlines() == [
        "Checked by Dr. Roy on 2026-03-02; to be checked again by 2027-03-01.",
        "Its campaign tip:24 was held for this; it goes out within seconds now.",
    ]
    tip = tip_of(shell)
    assert (tip.reviewed_by, tip.reviewed_on, tip.review_due) == (
        *("Dr. Roy", date(2026, 3, 2), date(2027, 3, 1)),
    )
    with shell.look() as session:
        assert len(campaigns.launch_due(session, now)) == 1
        assert audit.newest(session)[0].action == "tip.reviewed"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--on", "2026-03-03"), "on a day that has come"),
        (("--on", "2026-03-01", "--due", "2026-03-01"), "again on a later one"),
        (("--on", "yesterday"), "does not match the format"),
        (("--reviewer", " "), "1 to 120 signs"),
    ],
)
def test_a_review_is_of_a_day_that_has_come(shell: Shell, options: tuple[str, ...], told: str) -> None:
    assert told in shell.refusal("tips", "review", "24", "--reviewer", "Dr. Roy", *options)
    assert tip_of(shell).reviewed_by == ""


def test_an_editor_is_told_of_a_review_that_comes_before_the_day(shell: Shell, now: datetime) -> None:
    shell.told("tips", "review", "24", "--reviewer", "Dr. Roy", "--due", "2026-11-30")
    at = ("tips", "publish", "24", "--zone", "America/Edmonton", "--at")
    assert "be checked again" not in shell.told(*at, "2026-11-30 23:00")
    assert "Note: it is to be checked again by 2026-11-30." in shell.told(*at, "2026-12-01 00:30")


def test_what_is_past_its_review_is_not_scheduled(shell: Shell, now: datetime) -> None:
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = (now - timedelta(days=2)).date()
    assert "to be checked again is past (flask tips review" in shell.refusal("tips", "publish", "24")


def test_a_correction_stands_on_the_page(shell: Shell) -> None:
    told = shell.told("tips", "correct", "24", "--note-en", "45 °C.", "--note-fr", "45 °C.", "--by", "bo")
    assert told.splitlines() == [
        "The note stands on the tip's page: /tips/24-walk-a-little-24, /fr/conseils/24-marchez-un-peu-24",
        "Readers who were mailed the tip as it was: 0. They are told with their next mail.",
    ]
    assert "in 1 to 500 signs" in shell.refusal("tips", "correct", "24", "--note-en", " ")
    with shell.look() as session:
        [kept] = tips.corrections_of(session, tip_of(shell).id)
        assert (kept.note_fr, kept.corrected_by, kept.urgent) == ("45 °C.", "bo", False)
        assert audit.newest(session)[0].action == "tip.corrected"


def test_an_urgent_correction_has_a_campaign_of_its_own(shell: Shell) -> None:
    told = shell.told("tips", "correct", "24", "--note-fr", "45 °C.", "--urgent", "--by", "bo")
    assert told.endswith("They are told at once.\n")
    assert "due Monday, March 2, 2026" in shell.told("campaigns", "status", "correction:1")


def test_a_tip_is_taken_back_and_says_why_in_both_languages(shell: Shell) -> None:
    why = ("--why-en", "It is wrong.", "--why-fr", "C'est faux.")
    told = shell.told("tips", "withdraw", "24", *why, "--by", "bo")
    assert "/tips/24-walk-a-little-24" in told
    assert tip_of(shell).withdrawn_at is not None
    with shell.look() as session:
        (reason,) = tips.corrections_of(session, tip_of(shell).id)
        assert (reason.note_en, reason.note_fr) == why[1::2]
        assert audit.newest(session)[0].action == "tip.withdrawn"
    assert "was withdrawn before" in shell.refusal("tips", "withdraw", "24", *why)


def test_a_campaign_that_mails_what_is_taken_back_stands_still(shell: Shell, now: datetime) -> None:
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        campaigns.schedule(session, tip, due_at=now, by="bo", now=now)
        campaigns.launch_due(session, now)
    told = shell.told("tips", "withdraw", "24", "--why-en", "Wrong.", "--why-fr", "Faux.", "--by", "bo")
    assert "Campaign tip:24 was mailing it and is paused. `flask campaigns cancel tip:24` ends it" in told
    assert "took the tip back" in shell.data("campaigns", "status")["tip:24"]["reason"]
    assert "put the tip back on the web first" in shell.refusal("campaigns", "resume", "tip:24")
    shell.told("tips", "publish", "24", "--web-only")
    assert shell.told("campaigns", "resume", "tip:24") == "tip:24: planning\n"


def test_what_cannot_be_taken_back_stays(shell: Shell) -> None:
    assert "in each language" in shell.refusal("tips", "withdraw", "24", "--why-en", "A", "--why-fr", " ")
    assert tip_of(shell).withdrawn_at is None


def test_answers_are_told(shell: Shell) -> None:
    assert shell.told("tips", "useful") == "Nobody has answered yet.\n"
    with shell.look() as session:
        tips.count_answer(session, tip_of(shell).id, "a-little")
    assert shell.told("tips", "useful") == "24  Walk a little 24  yes 0, a little 1, no 0\n"
    assert shell.data("tips", "useful")[0]["a-little"] == 1
