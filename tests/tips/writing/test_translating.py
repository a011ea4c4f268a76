"""Changed since: what the other side says differently since both were said to say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import Language
from newsletter_app.notices import Notice
from newsletter_app.preflight.tip_rules import side_findings
from newsletter_app.tips import Tip, writing
from newsletter_app.tips.writing import SideText

ANN = "ann@example.org"


def _write(session: Session, tip: Tip, language: Language, now: datetime, **texts: str) -> None:
    found = writing.written(session, tip, language)
    text = replace(writing.side_written(session, tip, language), **texts)
    writing.write(session, tip, language, text, base=found.revision, by=ANN, now=now)


def test_the_changed_paragraph_is_shown(session: Session, notice: Notice, now: datetime) -> None:
    """A translation is begun from the other side as it stands; every later change of that one is told."""
    tip = writing.begin(session, notice, 25, by=ANN, now=now)
    _write(session, tip, "en", now, title="Walk", body="One.\n\nTwo.")
    assert writing.changed_since(session, tip, "fr") is None
    _write(session, tip, "fr", now, title="Marchez", body="Un.\n\nDeux.")
    assert writing.changed_since(session, tip, "fr") == ()
    assert writing.changed_since(session, tip, "en") is None
    # Within the same sitting, which would otherwise write over the revision that French follows.
    _write(session, tip, "en", now + timedelta(minutes=1), body="One.\n\nTwo, and more.")
    changed = writing.changed_since(session, tip, "fr")
    assert changed is not None
    assert [(one.field, [each.is_changed for each in one.paragraphs]) for one in changed] == [
        ("body", [False, True])
    ]
    assert writing.is_behind(session, tip) == {"fr": True}


def test_both_are_said_to_say_the_same(session: Session, published: Tip, now: datetime) -> None:
    """From then on, either side tells of the other one's changes, also of a tip that was imported."""
    assert writing.is_behind(session, published) == {}
    writing.say_the_same(session, published, by=ANN, now=now)
    assert writing.is_behind(session, published) == {"en": False, "fr": False}
    _write(session, published, "fr", now, lead="Autre chose.")
    assert writing.is_behind(session, published) == {"en": True, "fr": False}
    _write(session, published, "fr", now, lead="Une petite marche peut aider.")
    assert writing.is_behind(session, published) == {"en": False, "fr": False}


def test_preflight_believes_the_desk_more_than_dates(session: Session, notice: Notice, now: datetime) -> None:
    """A translation that is written over days does not make its original old."""
    tip = writing.begin(session, notice, 25, by=ANN, now=now)
    _write(session, tip, "en", now, title="Walk", lead="Walk.")
    for day in (1, 2):
        _write(session, tip, "fr", now + timedelta(days=day), title="Marchez", lead=f"Marchez {day}.")
    assert side_findings(tip, writing.is_behind(session, tip)) == []
    _write(session, tip, "en", now + timedelta(days=3), lead="Walk more.")
    behind = [one.where for one in side_findings(tip, writing.is_behind(session, tip))]
    assert behind == ["fr"]


def test_an_empty_side_says_nothing() -> None:
    """A side with a disclaimer and nothing else is not begun."""
    assert SideText(disclaimer="Ask.", alt="A picture").is_empty
