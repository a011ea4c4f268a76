"""Draft, in review, approved: who may take which step, and what takes a tip back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import audit, campaigns, organisation, preflight, tips
from newsletter_app.kernel.errors import Breach
from newsletter_app.notices import Notice
from newsletter_app.tips import Tip, writing
from tests.factories.content import make_draft

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def tip(session: Session, notice: Notice, now: datetime) -> Tip:
    """Give a whole tip that Ann has written last and nobody has published."""
    tip = tips.save_draft(session, make_draft(25), notice=notice, now=now).tip
    _edit(session, tip, "First.", now)
    return tip


def _edit(session: Session, tip: Tip, lead: str, now: datetime, by: str = ANN) -> None:
    found = writing.written(session, tip, "en")
    text = replace(writing.side_written(session, tip, "en"), lead=lead)
    assert writing.write(session, tip, "en", text, base=found.revision, by=by, now=now).what == "saved"


def test_the_whole_way(session: Session, tip: Tip, now: datetime) -> None:
    """Asked, given back with a comment, asked again, approved, changed: each step has its record."""
    organisation.let_writer_approve(session, False)
    writing.ask_approval(session, tip, by=ANN, now=now)
    writing.ask_approval(session, tip, by=ANN, now=now)
    writing.give_back(session, tip, " Say how long. ", by=BOB, now=now)
    assert tip.stage == "draft"
    writing.ask_approval(session, tip, by=ANN, now=now)
    writing.approve(session, tip, by=BOB, now=now)
    assert tip.stage == "approved"
    _edit(session, tip, "Second.", now)
    assert tip.stage == "draft"
    steps = [(one.step, one.by, one.comment) for one in reversed(writing.steps(session, tip))]
    assert steps == [
        *(("asked", ANN, ""), ("given-back", BOB, "Say how long."), ("asked", ANN, "")),
        *(("approved", BOB, ""), ("changed", ANN, "")),
    ]
    noted = [one.action for one in audit.newest(session) if one.subject == f"tip:{tip.id}"]
    assert noted == ["tip.changed", "tip.approved", "tip.asked", "tip.given-back", "tip.asked"]


@pytest.mark.parametrize(
    ("writers", "stage", "by", "refused"),
    [
        *((True, "draft", ANN, ""), (True, "in-review", ANN, "")),
        *((False, "in-review", ANN, "writer-approves"), (False, "in-review", ANN.upper(), "writer-approves")),
        *((False, "in-review", BOB, ""), (False, "draft", BOB, "stage-wrong"), (False, "approved", ANN, "")),
    ],
)
def test_who_may_approve(
    session: Session, tip: Tip, now: datetime, writers: bool, stage: str, by: str, refused: str
) -> None:
    """The organisation lets whoever wrote it approve, or wants another person."""
    organisation.let_writer_approve(session, writers)
    tip.stage = stage
    if not refused:
        writing.approve(session, tip, by=by, now=now)
        assert tip.stage == "approved"
        return
    with pytest.raises(Breach, match=refused):
        writing.approve(session, tip, by=by, now=now)
    assert tip.stage == stage


def test_writers_of_what_was_approved_are_free_again(session: Session, tip: Tip, now: datetime) -> None:
    """Only who wrote since the last approval cannot approve."""
    organisation.let_writer_approve(session, False)
    writing.ask_approval(session, tip, by=ANN, now=now)
    writing.approve(session, tip, by=BOB, now=now)
    later = now + timedelta(hours=1)
    _edit(session, tip, "By Bob.", later, by=BOB)
    assert writing.writers(session, tip) == {BOB}


def test_what_is_refused(session: Session, tip: Tip, notice: Notice, now: datetime) -> None:
    """Half a tip is not asked about, a draft not given back, nothing given back in silence."""
    half = writing.begin(session, notice, 26, by=ANN, now=now)
    with pytest.raises(Breach, match="tip-incomplete"):
        writing.ask_approval(session, half, by=ANN, now=now)
    with pytest.raises(Breach, match="stage-wrong"):
        writing.give_back(session, tip, "x", by=BOB, now=now)
    writing.ask_approval(session, tip, by=ANN, now=now)
    for comment in (" ", "x" * 1001):
        with pytest.raises(Breach, match="comment-missing"):
            writing.give_back(session, tip, comment, by=BOB, now=now)


def test_nothing_unapproved_goes_out_where_that_is_the_rule(
    session: Session, tip: Tip, now: datetime
) -> None:
    """Neither the web nor a mail takes it, and preflight says so."""
    organisation.let_writer_approve(session, False)
    with pytest.raises(Breach, match="tip-not-approved"):
        tips.publish(session, tip, now)
    with pytest.raises(Breach, match="tip-not-approved"):
        campaigns.schedule(session, tip, due_at=now, by=ANN, now=now)
    assert preflight.NOT_APPROVED in preflight.blocking_codes(session, tip, now)
    writing.ask_approval(session, tip, by=ANN, now=now)
    writing.approve(session, tip, by=BOB, now=now)
    assert preflight.blocking_codes(session, tip, now) == []
    assert campaigns.schedule(session, tip, due_at=now, by=ANN, now=now).state == "scheduled"


def test_what_is_changed_after_it_was_scheduled_is_held(session: Session, tip: Tip, now: datetime) -> None:
    """Half-typed words are mailed to nobody: a person looks first, whatever the rule."""
    campaign = campaigns.schedule(session, tip, due_at=now, by=ANN, now=now)
    _edit(session, tip, "Half a sen", now)
    session.flush()
    assert campaigns.launch_due(session, now) == []
    assert (campaign.state, campaign.pause_reason) == ("paused", preflight.NOT_APPROVED)
    writing.approve(session, tip, by=BOB, now=now)
    campaigns.resume(session, campaign, ANN, now)
    assert campaigns.launch_due(session, now) == [campaign.id]
    assert session.scalar(select(Tip.state).where(Tip.id == tip.id)) == "published"
