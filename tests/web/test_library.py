"""Finding tips on the web: by words, by topic, in pages; in both languages, and whatever is typed."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

import pytest

from newsletter_app import tips
from newsletter_app.digests.list_fields import archive_url
from newsletter_app.kernel.languages import Language
from newsletter_app.notices import find as find_notice
from newsletter_app.notices import find_by_key
from tests.factories import content
from tests.web.conftest import PUBLIC_URL, World
from tests.web.dom import Page


def titles(page: Page) -> list[str]:
    """Return the tips that a page lists, by what their links say."""
    return [one.text for one in page.all("a") if one["class"] == "tabbed"]


def heads(page: Page) -> list[str]:
    """Return a page's second headings."""
    return [one.text for one in page.all("h2")]


@pytest.mark.parametrize(
    ("path", "count", "first"),
    [
        ("/tips?q=Walking", "3 tips found", "Tip 3Walk a little 3"),
        ("/tips?q=walk+minute", "3 tips found", "Tip 3Walk a little 3"),
        ("/fr/conseils?q=MARCHER", "3 conseils trouvés", "Conseil 3Marchez un peu 3"),
    ],
)
def test_words_are_looked_for(
    world: World, tip_numbers: list[int], path: str, count: str, first: str
) -> None:
    page = world.page(path)
    assert heads(page)[0] == count
    assert titles(page)[0] == first
    assert page.one("input", id="q")["value"] == path.partition("=")[2].replace("+", " ")
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert not page.all("link", rel="canonical")


def test_nothing_found_helps_further(world: World, tip_numbers: list[int]) -> None:
    page = world.page("/tips?q=zeppelin")
    assert heads(page)[0] == "No tip has these words"
    assert page.all("a", href="/topics/feet")
    assert titles(page) == ["Tip 3Walk a little 3", "Tip 2Walk a little 2", "Tip 1Walk a little 1"]
    assert page.one("input", id="q")["value"] == "zeppelin"
    assert world.get("/tips?q=").status_code == world.get("/fr/conseils?q=%20").status_code == 200


@pytest.mark.parametrize("typed", ["2", "#2", "Tip 2", "conseil 2"])
def test_a_number_is_a_tip(world: World, tip_numbers: list[int], typed: str) -> None:
    assert world.get(f"/tips?q={quote(typed)}").headers["Location"] == "/tips/2-walk-a-little-2"
    assert heads(world.page("/tips?q=99"))[0] == "No tip has these words"


def test_what_was_typed_is_words_and_nothing_else(world: World, tip_numbers: list[int]) -> None:
    for typed in ('"><script>alert(1)</script>', "{{7*7}}", "' OR 1=1 --", "\x00", "*", "a" * 5000, "\ud7ff"):
        answer = world.get(f"/tips?q={quote(typed)}&page=x")
        assert answer.status_code == 200, typed  # S15, S27
        assert "<script>alert" not in answer.text  # S13
        assert 'value="49"' not in answer.text  # S14
        assert "\x00" not in answer.text  # No document of HTML may hold it.


def test_a_topic_has_a_page_in_both_languages(world: World, tip_numbers: list[int]) -> None:
    page = world.page("/topics/feet")
    assert (page.one("h1").text, titles(page)) == ("Feet", ["Tip 2Walk a little 2"])
    assert page.one("link", rel="canonical")["href"] == f"{PUBLIC_URL}/topics/feet"
    assert page.one("link", rel="alternate", hreflang="fr")["href"] == f"{PUBLIC_URL}/fr/sujets/pieds"
    assert world.get("/fr/sujets/feet").headers["Location"] == "/fr/sujets/pieds"
    assert world.page("/fr/sujets/pieds").one("h1").text == "Pieds"
    named = [one.text for one in world.page("/tips/2-walk-a-little-2").all("a", href="/topics/feet")]
    assert named == ["Feet"]


def test_a_topic_of_no_tip_has_none(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        tips.add_topic(session, "sleep", {"en": "Sleep", "fr": "Sommeil"})
    assert not world.page("/tips").all("a", href="/topics/sleep")
    assert world.get("/topics/sleep").status_code == world.get("/topics/nothing").status_code == 404


def test_a_long_shelf_stands_in_pages(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        notice = find_notice(session, 1)
        assert notice is not None
        for number in range(4, 55):
            content.make_tip(session, notice, number, world.clock())
    overview = world.page("/tips")
    assert (len(titles(overview)), titles(overview)[0]) == (20, "Tip 54Walk a little 54")
    assert overview.one("a", href="/tips?notice=tips").text == "Health tips: all 54"
    first, last = world.page("/tips?notice=tips"), world.page("/tips?notice=tips&page=99999999999")
    assert (len(titles(first)), len(titles(last))) == (50, 50)
    last = world.page("/tips?notice=tips&page=9999")
    assert titles(last)[-1] == "Tip 1Walk a little 1"
    assert "page 2 of 2" in last.one("title").text
    assert last.one("link", rel="canonical")["href"] == f"{PUBLIC_URL}/tips?notice=tips&page=2"
    french = last.one("link", rel="alternate", hreflang="fr")["href"]
    assert french == f"{PUBLIC_URL}/fr/conseils?notice=tips&page=2"
    assert last.one("a", hreflang="fr")["href"] == french.removeprefix(PUBLIC_URL)
    found = world.page("/fr/conseils?q=marchez&page=2")
    assert (heads(found)[0], len(titles(found))) == ("54 conseils trouvés", 20)
    assert found.all("a", href="/fr/conseils?q=marchez&page=3")
    assert world.get("/tips?notice=nothing").status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("keys", [["tips"], ["tips", "events"]])
def test_where_mails_say_that_earlier_tips_stand(
    world: World, tip_numbers: list[int], keys: list[str], language: Language
) -> None:
    # M25
    with world.write() as session:
        found = [notice for notice in map(partial(find_by_key, session), keys) if notice is not None]
        assert len(found) == len(keys)
        address, name = archive_url(found, language, ""), found[0].side(language).name
    page = world.page(address)
    assert (page.one("h1").text == name) == (len(keys) == 1)
    assert {"Tip 3Walk a little 3", "Conseil 3Marchez un peu 3"} & set(titles(page))
