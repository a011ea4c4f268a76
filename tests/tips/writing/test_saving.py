"""Nothing typed is lost: every save is a revision, and a stale one replaces nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import notices, tips
from newsletter_app.kernel.errors import Breach
from newsletter_app.notices import Notice
from newsletter_app.tips import Tip, writing
from newsletter_app.tips.writing import AboutTip, SideText
from tests.factories.content import make_draft

WALK = SideText(title="Walk", lead="Walk a little.", body="## Begin\n\nSlowly.")
ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def tip(session: Session, notice: Notice, now: datetime) -> Tip:
    """Give a tip that was begun a moment ago."""
    return writing.begin(session, notice, 25, by=ANN, now=now)


def test_a_first_save_makes_the_side(session: Session, tip: Tip, now: datetime) -> None:
    """A draft stands on the tip at once, under an address that follows its title until it is published."""
    done = writing.write(session, tip, "en", WALK, base=0, by=ANN, now=now)
    assert (done.what, done.newest.revision, done.newest.content) == ("saved", 1, WALK)
    side = tip.side("en")
    assert side is not None
    assert (side.title, side.slug, tip.side("fr")) == ("Walk", "walk", None)
    writing.write(session, tip, "en", replace(WALK, title="Walk more"), base=1, by=ANN, now=now)
    assert side.slug == "walk-more"


def test_one_sitting_is_one_revision(session: Session, tip: Tip, now: datetime) -> None:
    """Who types is saved every few seconds; ten minutes later, or by another, it is a revision of its own."""
    for at, (by, minutes) in enumerate([(ANN, 0), (ANN, 9), (BOB, 9), (BOB, 20)]):
        text, when = replace(WALK, lead=f"Lead {at}"), now + timedelta(minutes=minutes)
        assert writing.write(session, tip, "en", text, base=at, by=by, now=when).what == "saved"
    kept = writing.revisions(session, tip, "en")
    assert [(row.revision, row.saved_by, row.content["lead"]) for row in kept] == [
        *((4, BOB, "Lead 3"), (3, BOB, "Lead 2"), (2, ANN, "Lead 1"))
    ]


def test_a_stale_save_keeps_both_texts(session: Session, tip: Tip, now: datetime) -> None:
    """The second tab's text is kept aside and replaces nothing; it is gone on with where it is named."""
    writing.write(session, tip, "en", WALK, base=0, by=ANN, now=now)
    mine, theirs = replace(WALK, lead="Mine."), replace(WALK, lead="Theirs.")
    writing.write(session, tip, "en", theirs, base=1, by=BOB, now=now)
    late = writing.write(session, tip, "en", mine, base=1, by=ANN, now=now)
    assert (late.what, late.newest.content, late.newest.revision) == ("aside", theirs, 2)
    assert writing.side_written(session, tip, "en") == theirs
    side = tip.side("en")
    assert side is not None
    assert side.lead == "Theirs."
    more = replace(mine, lead="Mine, and more.")
    again = writing.write(session, tip, "en", more, base=1, by=ANN, now=now, aside_id=late.aside_id)
    other_tab = writing.write(session, tip, "en", replace(mine, lead="A third."), base=1, by=ANN, now=now)
    assert again.aside_id == late.aside_id != other_tab.aside_id
    kept = {row.content["lead"] for row in writing.revisions(session, tip, "en") if row.is_aside}
    assert kept == {"Mine, and more.", "A third."}


def test_nobody_goes_on_with_what_another_kept_aside(session: Session, tip: Tip, now: datetime) -> None:
    """An id from elsewhere names nobody else's text, nor the newest one."""
    writing.write(session, tip, "en", WALK, base=0, by=ANN, now=now)
    late = writing.write(session, tip, "en", replace(WALK, lead="Mine."), base=0, by=ANN, now=now)
    newest = writing.revisions(session, tip, "en")[-1].id
    for named in (late.aside_id, newest, 2**40):
        text = replace(WALK, lead=f"By Bob {named}")
        done = writing.write(session, tip, "en", text, base=0, by=BOB, now=now, aside_id=named)
        assert done.aside_id not in (late.aside_id, newest)


def test_the_same_text_is_no_revision(session: Session, tip: Tip, now: datetime) -> None:
    """A save that changes nothing is none, however old its base."""
    writing.write(session, tip, "en", WALK, base=0, by=ANN, now=now)
    assert writing.write(session, tip, "en", WALK, base=0, by=BOB, now=now).what == "same"
    assert len(writing.revisions(session, tip, "en")) == 1


def test_readers_see_nothing_before_it_is_released(session: Session, published: Tip, now: datetime) -> None:
    """What is written of a published tip waits; what stood there before is the first revision."""
    side = published.side("en")
    assert side is not None
    before = writing.written(session, published, "en")
    text = replace(writing.side_written(session, published, "en"), lead="Another lead.")
    writing.write(session, published, "en", text, base=before.revision, by=ANN, now=now)
    assert (side.lead, published.stage, writing.is_waiting(session, published)) == (
        *("A short walk may help. Begin slowly.", "draft", True),
    )
    assert tips.search(session, "en", "another") == []
    with writing.as_written(session, published):
        shown = published.side("en")
        assert shown is not None
        assert shown.lead == "Another lead."
    assert side.lead == "A short walk may help. Begin slowly."
    tips.publish(session, published, now)
    assert side.lead == "A short walk may help. Begin slowly."
    writing.approve(session, published, by=BOB, now=now)
    tips.publish(session, published, now)
    assert (side.lead, side.slug) == ("Another lead.", "walk-a-little-24")
    assert not writing.is_waiting(session, published)
    assert tips.search(session, "en", "another") == [side.id]


def test_a_look_at_a_new_side_and_picture_leaves_nothing(
    session: Session, notice: Notice, now: datetime
) -> None:
    """A side that readers have not, and references, are shown as they are written and then gone again."""
    tip = tips.save_draft(session, make_draft(7), notice=notice, now=now).tip
    tips.publish(session, tip, now)
    session.commit()
    writing.write(session, tip, "fr", replace(WALK, title="Marchez"), base=0, by=ANN, now=now)
    writing.add_references(session, tip, "Roy R. Another. 2021.", by=ANN, now=now)
    writing.take_out(session, tip, 2, by=ANN, now=now)
    writing.add_references(session, tip, "Kim K. A third. 2022.", by=ANN, now=now)
    session.commit()
    with writing.as_written(session, tip):
        assert tips.shown_side(tip, "fr").title == "Marchez"
        assert [row.text[:3] for row in tips.references_of(tip)] == ["Roy", "Kim"]
    assert not session.new
    assert not session.dirty
    assert (tip.side("fr"), len(tips.references_of(tip))) == (None, 1)


def test_a_file_is_a_revision_too(session: Session, published: Tip, now: datetime) -> None:
    """What is imported is the newest text of the desk, and what was written there before is kept."""
    base = writing.written(session, published, "en").revision
    writing.write(session, published, "en", WALK, base=base, by=ANN, now=now)
    notice = notices.find(session, published.notice_id)
    assert notice is not None
    tips.save_draft(session, make_draft(24, title="From a file"), notice=notice, now=now)
    assert writing.side_written(session, published, "en").title == "From a file"
    assert [row.content["title"] for row in writing.revisions(session, published, "en")][:2] == [
        *("From a file", "Walk"),
    ]
    tips.publish(session, published, now)
    side = published.side("en")
    assert side is not None
    assert side.title == "From a file"


def test_a_locked_disclaimer_wins_over_what_was_typed(
    session: Session, tip: Tip, notice: Notice, now: datetime
) -> None:
    """A notice that has one disclaimer for all of its tips is asked whenever a side is written."""
    writing.write(session, tip, "en", replace(WALK, disclaimer="My own."), base=0, by=ANN, now=now)
    tips.lock_disclaimer(session, notice, {"en": "Ours.", "fr": "Le nôtre."}, now)
    assert writing.side_written(session, tip, "en").disclaimer == "Ours."
    writing.write(session, tip, "en", replace(WALK, lead="More."), base=1, by=ANN, now=now)
    side = tip.side("en")
    assert side is not None
    assert side.disclaimer == "Ours."


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        ("en", SideText(title="x" * 201), "text-too-long"),
        ("en", SideText(body="x" * 60_001), "text-too-long"),
        ("about", AboutTip(image_source_url="javascript:alert(1)"), "web-address-unreadable"),
        ("about", AboutTip(image_rights_until="tomorrow"), "day-unreadable"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    session: Session, tip: Tip, now: datetime, part: writing.Part, content: writing.Content, code: str
) -> None:  # S13
    """A field says what is wrong with it; nothing is cut off in silence."""
    with pytest.raises(Breach, match=code):
        writing.write(session, tip, part, content, base=0, by=ANN, now=now)


def test_line_ends_and_controls_are_tidied(session: Session, tip: Tip, now: datetime) -> None:
    """A browser sends CRLF, and PostgreSQL holds no NUL."""
    text = SideText(title=" A\x00title ", lead="One\r\ntwo\x00", body="a\r\n\r\nb")
    done = writing.write(session, tip, "en", text, base=0, by=ANN, now=now)
    assert done.newest.content == SideText(title="A title", lead="One\ntwo ", body="a\n\nb")


def test_numbers_are_taken_once(session: Session, tip: Tip, notice: Notice, now: datetime) -> None:
    """A new tip takes a free number, the next one by itself."""
    assert writing.next_number(session) == 26
    for number, code in [(25, "tip-number-taken"), (None, "tip-number-missing"), (0, "tip-number-missing")]:
        with pytest.raises(Breach, match=code):
            writing.begin(session, notice, number, by=ANN, now=now)
