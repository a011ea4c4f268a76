"""What blocks a launch and what only warns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app import organisation, preflight
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.languages import Language
from newsletter_app.mail import contains_mark
from newsletter_app.media import Image
from newsletter_app.preflight import BLOCKS, WARNS, Finding, SpamScore
from newsletter_app.preflight.tip_rules import side_findings, source_findings
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer
from tests.mail import strict_parser


def test_a_whole_tip_passes(session: Session, now: datetime, translations: Path) -> None:
    """Composed and weighed in both languages, with an address to stop by or without."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    for stop_domain in ("", "bounce.example.org"):
        composer = make_composer(translations, stop_domain=stop_domain)
        assert preflight.check(session, tip, composer, now=now) == []


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


def test_words_that_are_hard_to_read_are_told(session: Session, now: datetime, translations: Path) -> None:
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    tip.sides[0].body = (
        "Multidisciplinary interventions ameliorate neuropathological deterioration considerably " * 16
    )
    found = preflight.check(session, tip, make_composer(translations), now=now)  # A13
    assert [(one.code, one.level, one.where) for one in found] == [("hard-to-read", WARNS, "en")]


@pytest.mark.parametrize(
    ("revision", "later", "older"),
    [(1, timedelta(days=9), []), (2, timedelta(days=9), ["en"]), (2, timedelta(minutes=59), [])],
)
def test_a_side_that_was_left_behind_is_told(
    session: Session, now: datetime, revision: int, later: timedelta, older: list[str]
) -> None:
    """What was only translated since, or saved with it, leaves nobody behind."""
    tip = make_tip(session, make_notice(session, now), 24, now)
    french = next(side for side in tip.sides if side.language == "fr")
    french.revision, french.updated_at = revision, now + later
    assert [one.where for one in side_findings(tip, {}) if one.code == "side-older"] == older


@pytest.mark.parametrize(("seen", "gone"), [(None, 0), ("200", 0), ("503", 0), ("404", 1), ("410", 1)])
def test_a_source_that_is_gone_is_told(session: Session, now: datetime, seen: str | None, gone: int) -> None:
    tip = make_tip(session, make_notice(session, now), 24, now)
    tip.citations[0].reference.check_found = seen
    assert [one.code for one in source_findings(tip)] == ["source-gone"] * gone


def test_the_pictures_of_a_mail_are_weighed(session: Session, now: datetime, translations: Path) -> None:
    """Each once, by the name that its file has."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    image = Image(name="a.png", sha256="0", mime="image/png", width=8, height=8, octets=9, created_at=now)
    session.add(image)
    session.flush()
    tip.image_id = image.id
    for side in tip.sides:
        side.alt = "A path"
    weighed: list[str] = []

    def weigh(name: str) -> int:
        weighed.append(name)
        return 400 * 1024

    found = preflight.check(session, tip, make_composer(translations), now=now, weigh=weigh)
    assert [(one.code, one.where, one.about) for one in found] == [
        ("pictures-heavy", "en", "400 KB"),
        ("pictures-heavy", "fr", "400 KB"),
    ]
    assert weighed == ["a.png", "a.png"]


@pytest.mark.parametrize(
    ("added", "code", "about"),
    [
        ("<script></script>", "html-forbidden", "<script>"),  # M54
        ("<p style='display: grid'>a</p>", "program-lacks", "display:grid"),  # M55
        ("<a href='https://example.com'>example.org</a>", "link-deceives", "example.org"),  # M57
    ],
)
def test_what_a_template_breaks_stops_the_mail(
    session: Session, now: datetime, translations: Path, added: str, code: str, about: str
) -> None:
    """At the launch as well: each edition is looked at when it is compiled."""
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    composer, of = make_composer(translations), DigestOf((tip.id,), (), "en", "standard", None)
    content = composer.compose(session, of)
    broken = replace(content, html=content.html.replace("</body>", f"{added}</body>"))
    (found,) = preflight.blocking_content(session, broken, "en", [tip.id])
    assert (found.code, found.where, found.about.partition(" ")[0]) == (code, "en", about)
    preflight.waive(session, tip, found, by="bo", reason="Our own program needs it.", now=now)
    assert preflight.blocking_content(session, broken, "en", [tip.id]) == []
    assert preflight.blocking_content(session, broken, "en", []) == [found]


def test_what_a_filter_gave_specimens_is_told(session: Session, now: datetime, translations: Path) -> None:
    # M58: mails as a reader would get them, every place filled, one in each language.
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    composer = make_composer(translations)
    mails = preflight.specimens(session, tip, composer, now)
    read = {language: strict_parser.parse(mail.octets) for language, mail in mails.items()}
    assert {language: mail.subject for language, mail in read.items()} == {
        **{"en": "Tip 24: Walk a little 24", "fr": "Conseil 24\u00a0: Marchez un peu 24"}
    }
    assert not contains_mark(b"".join(mail.octets for mail in mails.values()).decode())
    spam: dict[Language, SpamScore] = {"fr": SpamScore(6.04, ("GTUBE",))}
    assert preflight.check(session, tip, composer, now=now, spam=spam) == [
        Finding("spam-score", BLOCKS, "fr", "6.0 (GTUBE)")
    ]


def test_a_mail_that_no_header_can_hold_is_told(session: Session, now: datetime, translations: Path) -> None:
    # M11: it would be met when the edition is compiled, on its day.
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    organisation.set_words(session, "fr", name="Slot7Qx")
    found = preflight.check(session, tip, make_composer(translations), now=now)
    assert [(one.code, one.level, one.where) for one in found] == [("mail-refused", BLOCKS, "fr")]
    assert preflight.specimens(session, tip, make_composer(translations), now).keys() == {"en"}
