"""What blocks a launch and what only warns."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app import organisation, preflight
from newsletter_app.media import Image
from newsletter_app.preflight import BLOCKS, WARNS, Finding, size_findings
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (80 * 1024, []),
        (80 * 1024 + 1, [Finding("html-big", WARNS, "en")]),
        (102 * 1024, [Finding("html-big", WARNS, "en")]),
        (102 * 1024 + 1, [Finding("html-too-big", BLOCKS, "en")]),
    ],
)
def test_the_size_of_the_html(octets: int, found: list[Finding]) -> None:
    """Measured as it travels: plain letters, whose soft breaks are left out of this table."""  # M53
    lines = ("x" * 62 + "\n") * (octets // 64)
    html = lines + "y" * (octets - (len(lines) + lines.count("\n")))
    assert size_findings(html, "en") == found


def test_accents_count_as_they_travel() -> None:
    """Every é is six octets in quoted-printable: 40 KB of them are too big."""  # M53
    assert size_findings("é" * 40_000)[0].code == "html-too-big"


def test_a_whole_tip_passes(session: Session, now: datetime, translations: Path) -> None:
    """Composed and weighed in both languages."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    assert preflight.check(session, tip, make_composer(translations), now=now) == []


@pytest.mark.parametrize(
    ("decorative", "alt", "found"), [(False, "", 1), (True, "", 0), (False, "A path", 0)]
)
def test_a_picture_needs_words_or_to_be_decorative(
    session: Session, now: datetime, decorative: bool, alt: str, found: int
) -> None:
    """For each side."""  # A10
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    image = Image(name="a.png", sha256="0", mime="image/png", width=8, height=8, octets=9, created_at=now)
    session.add(image)
    session.flush()
    tip.image_id, tip.image_decorative = image.id, decorative
    for side in tip.sides:
        side.alt = alt
    codes = [item for item in preflight.check(session, tip, now=now) if item.code == "alt"]
    assert len(codes) == 2 * found
    assert all(item.level == BLOCKS for item in codes)


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (-1, [Finding("picture-rights-ended", WARNS, "2026-03-01")]),
        (0, [Finding("picture-rights-end", WARNS, "2026-03-02")]),
        (30, [Finding("picture-rights-end", WARNS, "2026-04-01")]),
        (31, []),
        (None, []),
    ],
)
def test_the_end_of_a_pictures_rights_is_told_a_month_before(
    session: Session, now: datetime, days: int | None, found: list[Finding]
) -> None:
    """It blocks nothing: the mail goes without the picture."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    image = Image(name="a.png", sha256="0", mime="image/png", width=8, height=8, octets=9, created_at=now)
    session.add(image)
    session.flush()
    day = now.date()
    tip.image_id, tip.image_decorative = image.id, True
    tip.image_rights_until = None if days is None else day + timedelta(days=days)
    assert preflight.check(session, tip, now=now, day=day) == found
    assert preflight.check(session, tip, now=now) == []
    assert preflight.blocking_codes(session, tip, now) == []


def test_a_missing_side_only_warns(session: Session, now: datetime) -> None:
    """Its readers get the other one."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    tip.sides = [side for side in tip.sides if side.language == "en"]
    session.flush()
    assert preflight.check(session, tip, now=now) == [Finding("side-missing", WARNS, "fr")]
    assert preflight.blocking_codes(session, tip, now) == []


def test_without_a_postal_address_nothing_goes(session: Session, now: datetime) -> None:
    """And without an organisation at all, neither."""  # L7
    tip = make_tip(session, make_notice(session, now), 24, now)
    assert preflight.blocking_codes(session, tip, now) == ["identity-incomplete:organisation"]
    make_organisation(session)
    organisation.set_words(session, "en", postal_address=" ")
    assert preflight.blocking_codes(session, tip, now) == ["identity-incomplete:postal-address-en"]


@pytest.mark.parametrize(("due", "codes"), [(1, ["review-overdue"]), (2, []), (None, [])])
def test_a_tip_past_its_review_is_not_mailed(
    session: Session, now: datetime, due: int | None, codes: list[str]
) -> None:
    """By the day it is where the organisation is: in UTC it is March 3 already."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    tip.review_due = date(2026, 3, due) if due else None
    assert preflight.blocking_codes(session, tip, now + timedelta(hours=12)) == codes


def test_a_withdrawn_tip_is_not_launched(session: Session, now: datetime) -> None:
    """Launching would put it back on the web."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    tip.withdrawn_at = now
    assert preflight.blocking_codes(session, tip, now) == ["tip-withdrawn"]
