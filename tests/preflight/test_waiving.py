"""Waivers: what may be waived, by whom, why; kept, and told again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import notices, preflight
from newsletter_app.kernel.errors import Breach
from newsletter_app.preflight import BLOCKS, WARNS, Finding
from newsletter_app.tips import Tip
from tests.factories.content import make_notice, make_organisation, make_tip

OVERDUE = Finding("review-overdue", BLOCKS)


@pytest.fixture
def tip(session: Session, now: datetime) -> Tip:
    """Give a tip whose review is past."""
    make_organisation(session)
    made = make_tip(session, make_notice(session, now), 24, now)
    made.review_due = now.date() - timedelta(days=2)
    return made


def test_what_was_waived_stops_nothing_more(session: Session, tip: Tip, now: datetime) -> None:
    assert preflight.blocking_codes(session, tip, now) == ["review-overdue"]
    first = preflight.waive(session, tip, OVERDUE, by=" bo@example.org ", reason=" Read again. ", now=now)
    assert preflight.blocking_codes(session, tip, now) == []
    again = preflight.waive(session, tip, OVERDUE, by="al", reason="Me too.", now=now + timedelta(days=1))
    assert again is first
    assert [
        (one.waived_by, one.reason, one.waived_at) for one in preflight.waivers_of(session, [tip.id])
    ] == [("bo@example.org", "Read again.", now)]


def test_another_tip_is_stopped_as_before(session: Session, tip: Tip, now: datetime) -> None:
    notice = notices.find(session, tip.notice_id)
    assert notice is not None
    other = make_tip(session, notice, 25, now)
    other.review_due = tip.review_due
    preflight.waive(session, tip, OVERDUE, by="bo", reason="Read again.", now=now)
    assert preflight.blocking_codes(session, other, now) == ["review-overdue"]


@pytest.mark.parametrize(
    ("finding", "by", "reason", "code"),
    [
        (
            Finding("identity-incomplete", BLOCKS, "postal-address-en"),
            "bo",
            "A",
            "finding-not-waivable",
        ),  # L7
        (Finding("mail-without-stop", BLOCKS, "en"), "bo", "A", "finding-not-waivable"),  # L8
        (Finding("alt", BLOCKS, "en"), "bo", "A", "finding-not-waivable"),  # A10
        (Finding("tip-withdrawn", BLOCKS), "bo", "A", "finding-not-waivable"),
        (Finding("html-big", WARNS, "en"), "bo", "A", "finding-stops-nothing"),
        (OVERDUE, " ", "A", "by-missing"),
        (OVERDUE, "bo", " ", "reason-missing"),
        (OVERDUE, "bo", "A" * 301, "reason-missing"),
    ],
)
def test_what_is_refused_is_not_kept(
    session: Session, tip: Tip, now: datetime, finding: Finding, by: str, reason: str, code: str
) -> None:
    with pytest.raises(Breach, match=code):
        preflight.waive(session, tip, finding, by=by, reason=reason, now=now)
    assert preflight.waivers_of(session, [tip.id]) == []
