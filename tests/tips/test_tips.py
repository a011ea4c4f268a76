"""Tips: saved side by side, published only when whole, sent into a stream once."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.kernel.errors import Breach
from tests.factories.content import REFERENCE, make_draft, make_notice, make_tip


def test_two_sides_make_one_tip(session: Session, now: datetime) -> None:
    """The second side joins the first by number; the references stand on the tip."""
    notice = make_notice(session, now)
    first = tips.save_draft(session, make_draft(24), notice=notice, now=now)
    second = tips.save_draft(session, make_draft(24, "fr"), notice=notice, now=now)
    assert (first.tip_is_new, second.tip_is_new, second.side_is_new) == (True, False, True)
    assert second.tip is first.tip
    assert [reference.text for reference in tips.references_of(first.tip)] == [REFERENCE.text]
    assert tips.path(first.tip, first.side) == "/tips/24-walk-a-little-24"
    assert tips.path(first.tip, second.side) == "/fr/conseils/24-marchez-un-peu-24"


def test_saving_again_revises(session: Session, now: datetime) -> None:
    """The address that was given out is kept, the revision is counted."""
    notice = make_notice(session, now)
    slug = tips.save_draft(session, make_draft(24), notice=notice, now=now).side.slug
    again = tips.save_draft(session, make_draft(24, title="Another title"), notice=notice, now=now)
    assert (again.side.revision, again.side.slug, again.side.title) == (2, slug, "Another title")
    assert (again.tip_is_new, again.side_is_new) == (False, False)


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (make_draft(None), "tip-number-missing"),
        (make_draft(24, "fr", references=(REFERENCE, REFERENCE)), "references-differ"),
    ],
)
def test_what_would_mix_two_tips_is_refused(
    session: Session, now: datetime, draft: tips.TipDraft, code: str
) -> None:
    """A numbered notice wants a number, and both sides cite the same list."""
    notice = make_notice(session, now)
    tips.save_draft(session, make_draft(24), notice=notice, now=now)
    with pytest.raises(Breach, match=code):
        tips.save_draft(session, draft, notice=notice, now=now)


def test_a_number_belongs_to_one_notice(session: Session, now: datetime) -> None:
    """Importing an event under a tip's number does not overwrite the tip."""
    tips.save_draft(session, make_draft(24), notice=make_notice(session, now), now=now)
    with pytest.raises(Breach, match="tip-number-in-other-notice"):
        tips.save_draft(session, make_draft(24), notice=make_notice(session, now, "events"), now=now)


def test_unnumbered_tips_share_no_address(session: Session, now: datetime) -> None:
    """Two events of the same title get different slugs."""
    notice = make_notice(session, now, "events")
    first = tips.save_draft(session, make_draft(None, title="Coffee"), notice=notice, now=now)
    second = tips.save_draft(session, make_draft(None, title="Coffee"), notice=notice, now=now)
    assert (first.side.slug, second.side.slug) == ("coffee", "coffee-2")
    assert tips.find_by_slug(session, "en", "coffee-2") is second.tip
    assert tips.find_by_slug(session, "fr", "coffee") is None


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ""),
        ({"lead": " "}, "lead-en"),
        ({"disclaimer": ""}, "disclaimer-en"),
        ({"references": (), "body": "Nothing cited."}, "references"),
    ],
)
def test_only_a_whole_tip_is_published(
    session: Session, now: datetime, changes: dict[str, object], missing: str
) -> None:
    """What is missing is named; nothing is half published."""
    notice = make_notice(session, now)
    notice.needs_references = notice.needs_disclaimer = True
    tip = tips.save_draft(session, make_draft(24, **changes), notice=notice, now=now).tip
    if missing:
        with pytest.raises(Breach, match=missing):
            tips.publish(session, tip, now)
        assert tip.state == "draft"
    else:
        tips.publish(session, tip, now)
        assert tips.published(session) == [tip]


def test_a_tip_takes_one_place_in_a_stream(session: Session, now: datetime) -> None:
    """Sending twice, or into one more notice, never moves what stands."""
    health, events = make_notice(session, now), make_notice(session, now, "events")
    one, two = make_tip(session, health, 1, now), make_tip(session, health, 2, now)
    assert [place.seq for place in tips.send_into(session, one, [health.id], now)] == [1]
    assert [place.seq for place in tips.send_into(session, two, [health.id], now)] == [2]
    assert [place.seq for place in tips.send_into(session, one, [health.id, events.id], now)] == [1, 1]
    assert tips.notice_ids_of(session, one) == [health.id, events.id]
    assert health.last_seq == 2


def test_withdrawn_tips_keep_their_number(session: Session, now: datetime) -> None:
    """They leave the lists, and are found with the reason; publishing again brings them back."""
    tip = make_tip(session, make_notice(session, now), 1, now)
    tips.withdraw(session, tip, "A source was withdrawn.", now)
    assert tips.published(session) == []
    assert tips.find_by_number(session, 1) is tip
    tips.publish(session, tip, now)
    assert tips.published(session) == [tip]


def test_related_tips(session: Session, now: datetime) -> None:
    """The editor's choice in its order, else the neighbours by number; never what is not on the web."""
    notice = make_notice(session, now)
    one, two, three, five = (make_tip(session, notice, number, now) for number in (1, 2, 3, 5))
    assert tips.related(session, three) == [two, five]
    tips.relate(session, three, [five, one])
    assert tips.related(session, three) == [five, one]
    tips.withdraw(session, five, "Old.", now)
    assert tips.related(session, three) == [one]
    assert tips.latest(session, "fr") is three


@pytest.mark.parametrize("number", [0, -1, 2**31, 10**30])
def test_impossible_numbers_are_not_found(session: Session, number: int) -> None:
    """An address with such a number answers "not found", not with an error."""
    assert tips.find_by_number(session, number) is None
