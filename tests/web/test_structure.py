"""What every page has, in both languages: one heading, names for its controls, a way past the header."""

from __future__ import annotations

import html
import re
from itertools import pairwise

import pytest

from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.kernel.links import Purpose
from tests.factories import people
from tests.web.conftest import PUBLIC_URL, World
from tests.web.dom import Element, Page

PAGES = [
    *("home", "subscribe", "change", "library", "tip", "no-tip", "privacy", "no-page", "cut-link"),
    *("print", "topic", "search", "search-none"),
    *("confirm", "sent", "choices", "manage", "stop", "undo", "restart", "address_confirm", "address_keep"),
]
ENGLISH_WORDS = re.compile(
    r"\b(the|your|you|email|subscribe|stop|press|choose|send|link|address|tips?)\b", re.IGNORECASE
)


def controls(page: Page) -> list[Element]:
    """Return what a reader fills in."""
    fields = [*page.all("input"), *page.all("select"), *page.all("textarea")]
    return [one for one in fields if one["type"] != "hidden"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_built_for_everybody(world: World, every_page: dict[str, str], language: str) -> None:
    for name in PAGES:
        check_structure(world.page(every_page[f"{name}-{language}"]), name, language)


def check_structure(page: Page, name: str, language: str) -> None:
    """Check one page's language, title, headings and references between its elements."""
    assert page.one("html")["lang"] == language  # A5
    assert page.one("title").text.endswith({"en": " – Example Society", "fr": " – Société Exemple"}[language])
    assert page.one("h1").text in page.one("title").text or name.startswith(("home", "tip"))  # A4
    skip = page.all("a")[0]
    assert skip["href"] == "#content"  # A4
    assert page.one("main")["id"] == "content"
    levels = [int(one.tag[1]) for one in page.elements if re.fullmatch("h[1-6]", one.tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels  # A1
    ids = [one["id"] for one in page.elements if one["id"]]
    assert len(ids) == len(set(ids))
    for element in page.elements:
        for attribute in ("aria-labelledby", "aria-describedby", "for", "form"):
            assert set(element[attribute].split()) <= set(ids), (element, attribute)  # A6


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_control_has_a_name(world: World, every_page: dict[str, str], language: str) -> None:
    for name in PAGES:
        check_names(world.page(every_page[f"{name}-{language}"]))


def check_names(page: Page) -> None:
    """Check that a screen reader can say what each control and picture is."""
    labelled = {label["for"] for label in page.all("label")}
    for control in controls(page):
        assert control["id"] in labelled, control  # A1
    for button in [*page.all("button"), *page.all("a")]:
        assert button.text, button  # A6
    for image in page.all("img"):
        assert "alt" in image  # A1
    for box in page.all("input", type="checkbox"):
        assert any(parent.tag == "fieldset" for parent in box.ancestors)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_help_stands_in_the_same_place(world: World, every_page: dict[str, str], language: str) -> None:
    own = {
        "en": ["/tips", "/subscribe", "/change", "/privacy"],
        "fr": ["/fr/conseils", "/fr/abonnement", "/fr/changer", "/fr/confidentialite"],
    }[language]
    for name in PAGES:
        page = world.page(every_page[f"{name}-{language}"])
        foot = page.one("footer")
        links = [one["href"] for one in page.all("a") if foot in one.ancestors]
        assert links == ["tel:17805550123", "mailto:hello@example.org", *own]  # A5: consistent help


def test_other_language_is_one_press_away(world: World, every_page: dict[str, str]) -> None:
    for name in PAGES:
        check_other_language(world, every_page, name)


def check_other_language(world: World, every_page: dict[str, str], name: str) -> None:
    """Check that the word at the top leads to the same page in French, and that it is French."""
    english, french = world.page(every_page[f"{name}-en"]), world.page(every_page[f"{name}-fr"])
    head = next(one for one in english.elements if one["lang"] == "fr" and one.tag in ("a", "button"))
    assert head.text == "Français"
    target = head["href"] or head["formaction"]
    assert target == ("/fr/" if name == "no-page" else every_page[f"{name}-fr"])
    own_words = re.sub(r"\S+@\S+|Read in English", "", french.one("main").text)
    # The mail to look for comes in the language in which it was asked for, and is marked as such.
    foreign = [one.text for one in french.all("span", lang="en")]
    for text in sorted(foreign, key=len, reverse=True):
        own_words = own_words.replace(text, "")
    assert not ENGLISH_WORDS.findall(own_words), own_words  # L20


def test_french_typography_holds(world: World, every_page: dict[str, str]) -> None:
    for name in PAGES:
        main = world.get(every_page[f"{name}-fr"]).text.partition("<main")[2]
        words = html.unescape(re.sub(r"<[^>]*>", "", main))
        assert not re.findall(r".{0,9}[^\u00a0]:\s", words)
        assert not re.findall(r"\w\s[?!;]", words)
        assert not re.findall(r"«[^\u00a0]|[^\u00a0]»", words)


def test_links_of_one_reader_are_in_their_language(world: World, links: dict[Purpose, str]) -> None:
    with world.write() as session:
        people.a_subscriber(session).language = "fr"
    assert world.page(f"/stop/{links[Purpose.STOP]}").one("html")["lang"] == "fr"
    assert world.page(f"/stop/{links[Purpose.STOP]}?lang=en").one("html")["lang"] == "en"


def test_pages_name_their_own_place_and_their_other_side(world: World, every_page: dict[str, str]) -> None:
    """Canonical is the page's own address but for its view on paper, and both sides name each other alike."""
    for name in ("home", "subscribe", "change", "library", "tip", "topic", "privacy"):
        both = {language: PUBLIC_URL + every_page[f"{name}-{language}"] for language in LANGUAGES}
        for language in LANGUAGES:
            page = world.page(every_page[f"{name}-{language}"])
            named = {
                one["hreflang"]: one["href"] for one in page.all("link", rel="alternate") if one["hreflang"]
            }
            assert page.one("link", rel="canonical")["href"] == both[language], name
            assert named == both, name
    for name in ("search", "search-none", "no-tip", "no-page", "confirm", "choices", "stop"):
        page = world.page(every_page[f"{name}-en"])
        assert not page.all("link", rel="alternate", hreflang="fr"), name


def test_an_address_stands_in_forms_as_it_was_asked(world: World) -> None:
    for path in ("/tips/%00?q%5B=%00&x=a%22%3Cb", "/fr/conseils/%C3%A9t%C3%A9?q=%20"):
        page = world.page(path)
        assert page.one("input", name="back")["value"] == path  # S13: no NUL goes through
