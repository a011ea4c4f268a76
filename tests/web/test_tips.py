"""The tip page with its states, the library, the short address."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter_app import organisation, tips
from newsletter_app.notices import find as find_notice
from tests.factories import content
from tests.web.conftest import World
from tests.web.dom import Page

BODY = """## Begin

Ten minutes are enough.[^1]

## Go on

More is better.[^1]

## Rest

<script>alert(1)</script> {{7*7}}
"""


@pytest.fixture
def tip_path(world: World, tip_numbers: list[int]) -> str:
    """Give the address of a tip with three headings, a reviewer and an appeal around it."""
    with world.write() as session:
        organisation.set_facts(session, donation_url="https://example.org/give")
        organisation.set_words(session, "en", appeal="We are volunteers.")
        notice = find_notice(session, 1)
        assert notice is not None
        tip = content.make_tip(session, notice, 24, world.clock(), body=BODY, lead="Walk. It helps.[^1]")
        tip.reviewed_by, tip.reviewed_on = "Dr. Roy", date(2026, 3, 1)
    return "/tips/24-walk-a-little-24"


def test_blocks_stand_in_their_order(world: World, tip_path: str) -> None:
    page = world.page(tip_path)
    main = page.one("main")
    words = main.text
    order = [
        *(
            "Tip 24",
            "Walk a little 24",
            "1 minute to read · Checked by Dr. Roy, March 2026",
            "Lire en français",
        ),
        *("Text size", "Walk. It helps.", "On this page", "Rest", "Begin", "Ten minutes are enough.", "Rest"),
        *("Consult your doctor", "References", "Back to the text", "Share this article"),
        "Subscribe to our newsletter",
        *("Food for thought…", "We can't do it alone", "We are volunteers.", "news.example.org/24"),
    ]
    place = 0
    for block in order:
        place = words.index(block, place) + len(block)  # raises where the order is broken


def test_citations_lead_there_and_back(world: World, tip_path: str) -> None:
    page = world.page(tip_path)
    ids = {element["id"] for element in page.elements}
    marks = page.all("a", **{"class": "cite"})
    assert [one.text for one in marks] == ["[1]", "[1]", "[1]"]
    inner = [one["href"][1:] for one in page.all("a") if one["href"].startswith("#")]
    assert set(inner) <= ids
    assert "lead-c1" in inner


def test_author_text_is_neither_script_nor_template(world: World, tip_path: str) -> None:
    answer = world.get(tip_path)
    assert [one["type"] for one in Page(answer.text).all("script")] == ["application/ld+json"]
    assert "{{7*7}}" in answer.text  # S14


@pytest.mark.parametrize(
    ("path", "subject", "address"),
    [
        ("/tips/2-walk-a-little-2", "Tip 2: Walk a little 2", "https://news.example.org/2"),
        (
            "/fr/conseils/2-marchez-un-peu-2",
            "Conseil 2\N{NO-BREAK SPACE}: Marchez un peu 2",
            "https://news.example.org/fr/2",
        ),
    ],
)
def test_a_tip_is_sent_to_a_friend_by_ones_own_mail_program(
    world: World, tip_numbers: list[int], path: str, subject: str, address: str
) -> None:
    """Nothing is known here of who sends what to whom; the short address is easy to copy."""
    share = urlsplit(next(one["href"] for one in world.page(path).all("a") if "mailto:?" in one["href"]))
    assert parse_qs(share.query) == {"subject": [subject], "body": [address]}
    assert world.get(urlsplit(address).path).status_code == 302


def test_own_notice_comes_first_on_a_tip_page(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        notice = find_notice(session, 2)
        assert notice is not None
        content.make_tip(session, notice, None, world.clock(), title="A meeting")
        slug = tips.published(session, notice_id=2)[0].side("en").slug
    assert world.page(f"/tips/{slug}").values("notice") == ["2", "1", "3"]
    assert world.page("/tips/1-walk-a-little-1").values("notice") == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/tips/2", "/tips/2-walk-a-little-2"),
        ("/tips/2-old-title", "/tips/2-walk-a-little-2"),
        ("/fr/conseils/2-walk-a-little-2", "/fr/conseils/2-marchez-un-peu-2"),
        ("/2", "/tips/2-walk-a-little-2"),
        ("/fr/2", "/fr/conseils/2-marchez-un-peu-2"),
        ("/tips?number=2", "/tips/2-walk-a-little-2"),
        ("/fr/conseils?number=%232", "/fr/conseils/2-marchez-un-peu-2"),
    ],
)
def test_other_spellings_lead_to_the_tip(
    world: World, tip_numbers: list[int], path: str, target: str
) -> None:
    answer = world.get(path)
    assert answer.status_code in (301, 302)
    assert answer.headers["Location"] == target


def test_short_address_follows_the_browsers_language(world: World, tip_numbers: list[int]) -> None:
    answer = world.get("/2", headers={"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"})
    assert answer.headers["Location"] == "/fr/conseils/2-marchez-un-peu-2"


@pytest.mark.parametrize(
    "path", ["/tips/99", "/99", "/tips/no-such", "/tips?number=abc", "/tips?number=99999999999", "/tips/0"]
)
def test_no_such_tip_offers_the_search_and_the_newest(
    world: World, tip_numbers: list[int], path: str
) -> None:
    answer = world.get(path)
    page = Page(answer.text)
    assert answer.status_code == 404
    assert page.all("input", name="number")
    assert page.all("a", href="/tips/3-walk-a-little-3")


def test_tip_in_one_language_only_is_shown_with_its_own_lang(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        notice = find_notice(session, 1)
        assert notice is not None
        saved = tips.save_draft(session, content.make_draft(7, "en"), notice=notice, now=world.clock())
        tips.publish(session, saved.tip, world.clock())
    page = world.page("/fr/conseils/7-walk-a-little-7")
    assert page.one("html")["lang"] == "fr"
    assert page.one("h1")["lang"] == "en"  # A5
    assert "Ce conseil n'est pas encore en français." in page.one("main").text


def test_withdrawn_tip_keeps_its_number_and_says_why(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        tip = tips.find_by_number(session, 2)
        assert tip is not None
        tips.withdraw(session, tip, "A study was corrected.", world.clock())
    answer = world.get("/tips/2-walk-a-little-2")
    page = Page(answer.text)
    assert answer.status_code == 410
    assert "A study was corrected." in page.one("main").text
    assert "We took it back on March 2, 2026." in page.one("main").text
    assert not world.page("/tips").all("a", href="/tips/2-walk-a-little-2")


def test_draft_is_not_shown(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        notice = find_notice(session, 1)
        assert notice is not None
        tips.save_draft(session, content.make_draft(8, "en"), notice=notice, now=world.clock())
    assert world.get("/tips/8-walk-a-little-8").status_code == 404
    assert world.get("/8").status_code == 404


def test_library_has_rows_by_notice_newest_first(world: World, tip_numbers: list[int]) -> None:
    page = world.page("/tips")
    rows = [one.text for one in page.all("a") if one["href"].startswith("/tips/")]
    assert rows == ["Tip 3Walk a little 3", "Tip 2Walk a little 2", "Tip 1Walk a little 1"]
    assert [one.text for one in page.all("h2")][:1] == ["Health tips"]


def test_home_shows_the_newest_tip_and_the_form(world: World, tip_numbers: list[int]) -> None:
    page = world.page("/")
    assert page.one("h2", id="newest-tip").text == "Walk a little 3"
    assert page.all("form", id="signup")
    assert not [one for one in page.all("input") if "checked" in one]  # L2


def test_picture_of_nobody_is_not_found(world: World) -> None:
    for name in ("nothing.png", "..%2f..%2fetc%2fpasswd", "%2e%2e/keys"):
        assert world.get(f"/media/{name}").status_code == 404
