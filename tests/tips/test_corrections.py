"""Corrections: told in both languages, newest first, of tips that somebody may have read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.kernel.errors import Breach
from tests.factories.content import make_draft, make_notice, make_tip


def test_the_newest_comes_first(session: Session, now: datetime) -> None:
    tip = make_tip(session, make_notice(session, now), 1, now)
    tips.correct(session, tip, "45 °C was meant.", "Il s'agissait de 45 °C.", now)
    tips.correct(session, tip, " A name. ", " Un nom. ", now + timedelta(days=1))
    assert [told.note("fr") for told in tips.corrections_of(session, tip.id)] == [
        *("Un nom.", "Il s'agissait de 45 °C."),
    ]


@pytest.mark.parametrize("note", ["", "  ", "x" * 501])
def test_a_note_says_something_in_few_words(session: Session, now: datetime, note: str) -> None:
    tip = make_tip(session, make_notice(session, now), 1, now)
    for notes in ((note, "Bien."), ("Good.", note)):
        with pytest.raises(Breach, match="note-length"):
            tips.correct(session, tip, *notes, now)


def test_what_nobody_has_read_is_not_corrected_but_changed(session: Session, now: datetime) -> None:
    tip = tips.save_draft(session, make_draft(1), notice=make_notice(session, now), now=now).tip
    with pytest.raises(Breach, match="tip-not-published"):
        tips.correct(session, tip, "A.", "B.", now)


def test_one_language_may_do(session: Session, now: datetime) -> None:
    """Where it is told in one alone, readers of the other are shown that, and nothing is nothing."""
    tip = make_tip(session, make_notice(session, now), 1, now)
    told = tips.correct(session, tip, "", "Un nom.", now, by="bo", one_side=True)
    assert (told.note_in("en"), told.note("en"), told.corrected_by) == ("", "Un nom.", "bo")
    with pytest.raises(Breach, match="note-length"):
        tips.correct(session, tip, " ", "", now, one_side=True)


@pytest.mark.parametrize(
    ("notes", "unchanged", "first"),
    [
        (("A.", "B."), False, (2, 1)),
        (("A.", "B."), True, (3, 2)),
        (("A.", ""), False, (2, None)),
        (("", "B."), False, (None, 1)),
    ],
)
def test_who_is_told_by_mail_is_said_by_revisions(
    session: Session,
    now: datetime,
    notes: tuple[str, str],
    first: tuple[int | None, int | None],
    *,
    unchanged: bool,
) -> None:
    """The first revision of each side that holds what is right; None of a side that is not corrected."""
    notice = make_notice(session, now)
    tip = make_tip(session, notice, 1, now)
    tips.save_draft(session, make_draft(1, lead="Right now."), notice=notice, now=now)
    told = tips.correct(session, tip, *notes, now, one_side=True)
    assert (told.revision_en, told.revision_fr) == (None, None)
    tips.tell_by_mail(session, told, tip, text_unchanged=unchanged)
    assert (told.revision_en, told.revision_fr) == first
