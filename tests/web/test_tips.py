"""The tip page with its states, the library, the short address."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter_app import organisation, tips
from newsletter_app.notices import find as find_notice
from newsletter_app.tips import ReferenceDraft
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
        *("Consult your doctor", "References", "Back to the text", "Was this tip useful?"),
        *("Yes", "A little", "No", "Share this article", "In large print, for paper"),
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
    scripts = Page(answer.text).all("script")
    assert [(one["type"], one["src"].partition("?")[0]) for one in scripts] == [
        *(("application/ld+json", ""), ("", "/static/tip.js"), ("", "/static/zone.js")),
    ]
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


def test_withdrawn_tip_says_why_in_the_readers_language(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        tip = tips.find_by_number(session, 2)
        assert tip is not None
        tips.correct(
            session, tip, "An older slip.", "Une ancienne coquille.", world.clock() - timedelta(days=1)
        )
        tips.correct(session, tip, "It is wrong.", "C'est faux.", world.clock())
        tips.withdraw(session, tip, "", world.clock())
    for path, why, other in (
        ("/tips/2-walk-a-little-2", "It is wrong.", "C'est faux."),
        ("/fr/conseils/2-marchez-un-peu-2", "C'est faux.", "It is wrong."),
    ):
        said = world.page(path).one("main").text
        assert why in said
        assert other not in said  # L20
        assert "slip" not in said


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
    assert [one.text for one in page.all("h2")][:2] == ["Topics", "Health tips"]


def test_home_shows_the_newest_tip_and_the_form(world: World, tip_numbers: list[int]) -> None:
    page = world.page("/")
    assert page.one("h2", id="newest-tip").text == "Walk a little 3"
    assert page.all("form", id="signup")
    assert not [one for one in page.all("input") if "checked" in one]  # L2


def test_before_and_after_stand_beside_the_editors_choice(world: World, tip_numbers: list[int]) -> None:
    """Where the editor chose none, they stand in its place, and once only."""
    page = world.page("/tips/2-walk-a-little-2")
    assert not page.all("h2", id="beside")
    with world.write() as session:
        first, second = tips.find_by_number(session, 1), tips.find_by_number(session, 2)
        notice = find_notice(session, 1)
        assert first is not None
        assert second is not None
        assert notice is not None
        tips.relate(session, second, [content.make_tip(session, notice, 9, world.clock())])
    page = world.page("/fr/conseils/2-marchez-un-peu-2")
    nav = page.one("nav", **{"aria-labelledby": "beside"})
    assert [one.text for one in page.all("a") if nav in one.ancestors] == [
        *("Conseil 1Marchez un peu 1", "Conseil 3Marchez un peu 3"),
    ]


def test_every_correction_of_a_side_stands_on_its_page(world: World, tip_numbers: list[int]) -> None:
    """The newest first; one that was told in French alone is about the French side."""
    with world.write() as session:
        tip = tips.find_by_number(session, 2)
        assert tip is not None
        now = world.clock()
        tips.correct(session, tip, "A first.", "Un premier.", now - timedelta(days=1))
        tips.correct(session, tip, "", "Un deuxième.", now, one_side=True)
        tips.correct(session, tip, "A third.", "", now, one_side=True)
    boxes = [box.text for box in world.page("/tips/2-walk-a-little-2").all("p", **{"class": "box"})]
    assert boxes == ["Corrected on March 2, 2026: A third.", "Corrected on March 1, 2026: A first."]
    french = world.page("/fr/conseils/2-marchez-un-peu-2").one("main").text
    assert french.index("Un deuxième.") < french.index("Un premier.")
    assert "A third." not in french


def test_corrections_and_reviews_stand_on_the_page(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        tip = tips.find_by_number(session, 2)
        assert tip is not None
        tips.correct(session, tip, "45 <b>°C</b> was meant.", "Il s'agit de 45 °C.", world.clock())
        tip.reviewed_by, tip.reviewed_on, tip.review_due = "Dr. Roy", date(2026, 3, 1), date(2027, 3, 1)
    main = world.page("/tips/2-walk-a-little-2").one("main").text
    assert "Corrected on March 2, 2026: 45 <b>°C</b> was meant." in main  # S13: text, not markup
    assert "Checked by Dr. Roy, March 2026 · To be checked again by March 2027" in main
    assert (
        "À vérifier de nouveau d'ici mars 2027"
        in world.page("/fr/conseils/2-marchez-un-peu-2").one("main").text
    )


@pytest.mark.parametrize(
    ("path", "language", "own"),
    [
        ("/tips/24-walk-a-little-24/print", "en", "/tips/24-walk-a-little-24"),
        ("/fr/conseils/24-marchez-un-peu-24/imprimer", "fr", "/fr/conseils/24-marchez-un-peu-24"),
    ],
)
def test_a_tip_for_paper_in_large_print(
    world: World, tip_path: str, path: str, language: str, own: str
) -> None:
    page = world.page(path)
    assert (page.one("html")["lang"], page.one("html")["data-text"]) == (language, "large")
    assert page.one("link", rel="canonical")["href"] == f"https://news.example.org{own}"
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert page.all("a", href=own)
    assert page.all("ol", **{"class": "references"})
    assert not page.all("form", id="signup")
    assert [one["href"] for one in world.page(own).all("a") if one["href"] == path] == [path]
    other = page.one("a", hreflang="fr" if language == "en" else "en")["href"]
    assert world.get(other).status_code == 200


def test_paper_has_no_page_of_what_is_not_on_the_web(world: World, tip_numbers: list[int]) -> None:
    assert world.get("/tips/2-old/print").headers["Location"] == "/tips/2-walk-a-little-2/print"
    with world.write() as session:
        tip = tips.find_by_number(session, 2)
        assert tip is not None
        tips.withdraw(session, tip, "It is wrong.", world.clock())
    for path in ("/tips/2-walk-a-little-2/print", "/tips/99/print", "/fr/conseils/rien/imprimer"):
        assert world.get(path).status_code == 404


def test_a_reference_tells_its_address_once(world: World, tip_numbers: list[int]) -> None:
    """On paper the style adds it to a link that does not show it ("doi:…")."""
    with world.write() as session:
        notice = find_notice(session, 1)
        assert notice is not None
        texts = ("A. www.example.org/a", "B. https://example.org/b", "C.")
        urls = ("https://www.example.org/a", "https://example.org/b", "https://example.org/c")
        cited = tuple(ReferenceDraft(text=text, url=url) for text, url in zip(texts, urls, strict=True))
        more = (ReferenceDraft(text="D. doi:10.1/d", doi="10.1/d"),)
        draft = content.make_draft(30, references=cited + more)
        saved = tips.save_draft(session, draft, notice=notice, now=world.clock())
        tips.publish(session, saved.tip, world.clock())
    links = [one for one in world.page("/tips/30-walk-a-little-30").all("a") if "example.org/" in one["href"]]
    told = {one["href"][-1]: one["class"] for one in links if one["href"] in urls}
    assert told == {"a": "bare", "b": "bare", "c": "bare"}
    assert world.page("/tips/30-walk-a-little-30").one("a", href="https://doi.org/10.1/d")["class"] == ""


def test_picture_of_nobody_is_not_found(world: World) -> None:
    for name in ("nothing.png", "..%2f..%2fetc%2fpasswd", "%2e%2e/keys"):
        assert world.get(f"/media/{name}").status_code == 404
