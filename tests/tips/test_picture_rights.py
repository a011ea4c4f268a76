"""Until when a picture may be shown: its last day counts, both sides keep it, the longest of several wins."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.media import Image
from newsletter_app.tips import ImageDraft, Tip
from tests.factories.content import make_draft, make_notice

LAST = date(2026, 3, 31)
ONE = timedelta(days=1)


def a_picture(until: date | None = None, creator: str = "Ada") -> ImageDraft:
    """Return what a file says of its picture."""
    day = until.isoformat() if until else None
    return ImageDraft("a.png", "A path", False, creator, "", "", "", rights_until=day)


@pytest.mark.parametrize(
    ("until", "day", "shown"),
    [
        (None, LAST, 7),
        (LAST, LAST - ONE, 7),
        (LAST, LAST, 7),
        (LAST, LAST + ONE, None),
        (date(2024, 2, 29), date(2024, 2, 29), 7),
        (date(2024, 2, 29), date(2024, 3, 1), None),
    ],
)
def test_the_last_day_still_counts(until: date | None, day: date, shown: int | None) -> None:
    assert tips.picture_of(Tip(image_id=7, image_rights_until=until), day) == shown


def test_a_tip_without_a_picture_shows_none() -> None:
    assert tips.picture_of(Tip(image_id=None, image_rights_until=None), LAST) is None


@pytest.mark.parametrize("creator", ["Ada", ""])
def test_the_other_side_keeps_the_day_unless_it_gives_one(
    session: Session, now: datetime, creator: str
) -> None:
    notice = make_notice(session, now)

    def save(language: str, until: date | None) -> Tip:
        draft = make_draft(24, language, image=a_picture(until, creator))
        return tips.save_draft(session, draft, notice=notice, now=now).tip

    assert save("en", LAST).image_rights_until == LAST
    assert save("fr", None).image_rights_until == LAST
    assert save("en", LAST + ONE).image_rights_until == LAST + ONE
    assert save("en", None).image_rights_until is None


@pytest.mark.parametrize(
    ("days", "until"),
    [([], None), ([LAST], LAST), ([LAST, LAST + ONE], LAST + ONE), ([LAST, None], None), ([None], None)],
)
def test_a_picture_of_several_tips_may_be_shown_as_long_as_one_may(
    session: Session, now: datetime, days: list[date | None], until: date | None
) -> None:
    notice = make_notice(session, now)
    image = Image(name="a.png", sha256="0", mime="image/png", width=8, height=8, octets=9, created_at=now)
    session.add(image)
    session.flush()
    for number, day in enumerate(days, 1):
        tip = tips.save_draft(session, make_draft(number), notice=notice, now=now).tip
        tip.image_id, tip.image_rights_until = image.id, day
    session.flush()
    assert tips.picture_until(session, image.id) == until
