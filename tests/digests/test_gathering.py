"""The mail that gathers several tips: its list, each under its notice, and those that are only told of."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.languages import Language
from newsletter_app.mail import Content
from newsletter_app.preflight import BLOCKS
from newsletter_app.preflight.service import check_content
from newsletter_app.tips import Tip
from tests.digests.test_digest import BODY, DATE, Elements
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer

HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)
WEB = "https://news.example.org"


class Gathering:
    """Two notices and their tips, the newest first: 24, 23 and 22, and two without number."""

    def __init__(self, session: Session, translations: Path) -> None:
        """Save them."""
        self.session, self.composer = session, make_composer(translations)
        make_organisation(session)
        self.notices = (make_notice(session, DATE), make_notice(session, DATE, "events"))
        numbered, plain = self.notices
        self.tips = [make_tip(session, numbered, number, DATE, body=BODY) for number in (24, 23, 22)]
        self.events = [make_tip(session, plain, None, DATE, title=title) for title in ("A walk", "A talk")]

    def mail(self, *chosen: Tip, cadence: str = "weekly", language: Language = "en") -> Content:
        """Compose the mail of these tips, of all unless told."""
        shown = chosen or (*self.tips, *self.events)
        ids = tuple(tip.id for tip in shown)
        theirs = tuple(tip.notice_id for tip in shown)
        notices = tuple(notice for notice in self.notices if notice.id in theirs)
        of = DigestOf(ids, notices, language, "standard", None, cadence, theirs)
        return self.composer.compose(self.session, of)


@pytest.fixture
def gathering(session: Session, translations: Path) -> Gathering:
    return Gathering(session, translations)


def headings(content: Content) -> list[tuple[int, str]]:
    """Return level and words of each heading."""
    return [(int(level), unescape(words).strip()) for level, words in HEADING.findall(content.html)]


def test_a_list_and_then_each_tip_under_its_notice(gathering: Gathering) -> None:
    """Titles are headings below their notice, sections below their title; no level is skipped."""  # A1, A9
    found = headings(gathering.mail())
    assert [words for level, words in found if level == 1] == [
        *("In this email", "Health tips", "Events and groups")
    ]
    titles = ["Walk a little 24", "Walk a little 23", "Walk a little 22", "A walk", "A talk"]
    assert [words.rpartition(": ")[2] for level, words in found if level == 2][:5] == titles
    under = found[found.index((2, "Walk a little 24")) :]
    assert under[1:4] == [(3, "Begin"), (3, "Consult your doctor"), (3, "References")]


def test_each_tip_has_its_own_references(gathering: Gathering) -> None:
    """Citations lead to the references of their own tip; every id is there once."""
    elements = Elements(gathering.mail().html)
    ids = [attrs["id"] for _, attrs in elements.found if attrs.get("id")]
    targets = {attrs["href"] for attrs in elements.all("a") if (attrs["href"] or "").startswith("#")}
    assert len(ids) == len(set(ids))
    assert {"#t24r1", "#t23r1", "#t22r1", "#t24", "#t22", f"#u{gathering.events[1].id}"} <= targets
    assert {target[1:] for target in targets if target} <= set(ids)


@pytest.mark.parametrize("whole", [1, 3, 9])
def test_beyond_so_many_tips_there_are_summaries(gathering: Gathering, whole: int) -> None:
    """As many as the organisation says; the others have their lead and a link."""
    organisation.get(gathering.session).whole_tips = whole
    content = gathering.mail()
    assert content.html.count("Ten minutes are enough.") == content.text.count("Ten minutes") == min(whole, 5)
    assert content.html.count("A short walk may help.") - 1 == 5  # and once before all, as the preheader
    for path in ("/tips/24-walk-a-little-24", "/tips/22-walk-a-little-22", "/tips/a-talk"):
        assert f"{WEB}{path}" in content.html
        assert f"{WEB}{path}" in content.text


def test_what_would_be_cut_off_is_told_of_instead(gathering: Gathering) -> None:
    """Gmail cuts at 102 KB, and the stop button with it."""  # M53
    for tip in gathering.tips:
        tip.side("en").body = "## Begin\n\n" + "Ten minutes are enough. " * 1200
    gathering.session.flush()
    content = gathering.mail()
    assert content.html.count("Ten minutes are enough.") == 2 * 1200
    findings = check_content(gathering.session, content, "en")
    assert [finding for finding in findings if finding.level == BLOCKS] == []


@pytest.mark.parametrize(
    ("cadence", "subject", "why", "next_"),
    [
        ("each", "and 4 more", "You get this because you asked", "as soon as it is ready"),
        ("weekly", "and 4 more this week", "You get this once a week because", "in a week, if there is"),
        ("monthly", "and 4 more this month", "You get this once a month because", "in a month, if there is"),
    ],
)
def test_it_says_how_often_it_comes_and_why(
    gathering: Gathering, cadence: str, subject: str, why: str, next_: str
) -> None:
    content = gathering.mail(cadence=cadence)
    assert content.subject == f"Tip 24: Walk a little 24, {subject}"
    for part in (unescape(content.html), content.text):
        assert why in part
        assert next_ in part
        assert "Health tips, Events and groups" in part


def test_a_single_tip_is_a_mail_as_any(gathering: Gathering) -> None:
    """But says that it comes once a week."""
    content = gathering.mail(gathering.tips[0])
    assert content.subject == "Tip 24: Walk a little 24"
    assert headings(content)[0] == (1, "Walk a little 24")
    assert "Read on the web, in larger type" in content.html
    assert "once a week because" in content.html


def test_french(gathering: Gathering) -> None:
    content = gathering.mail(language="fr")
    assert content.subject == "Conseil 24\u00a0: Marchez un peu 24, et 4 autres cette semaine"
    for words in ("Dans ce courriel", "Conseils santé", "Lire sur le Web\u00a0:", "une fois par semaine"):
        assert words in content.text
    assert not re.search(r"\b(this week|Read on|once a week|something new)\b", content.text)  # L20


def test_both_parts_are_in_order(gathering: Gathering) -> None:
    """The list, the first notice with its tips, then the second."""  # A12
    text = gathering.mail().text
    blocks = ["In this email\n=====", "- A talk", "Health tips\n=====", "Tip 24: Walk a little 24\n====="]
    blocks += ["References", "Tip 22", "Events and groups\n=====", "A talk\n=====", "-- \n"]
    places = [text.find(block, text.find("=====") if block == "References" else 0) for block in blocks[:5]]
    assert -1 not in places
    assert places == sorted(places)
    assert [block for block in blocks if block not in text] == []
