"""The form elsewhere: pasted, in a frame, on paper; what was shown there is what the record holds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from config import Settings
from newsletter_app import organisation
from newsletter_app.notices import Notice
from newsletter_app.subscriptions import Signup
from newsletter_app.web.public import elsewhere
from newsletter_app.web.public.elsewhere import Elsewhere
from tests.web.conftest import PUBLIC_URL, World, set_up
from tests.web.dom import Page
from tests.web.test_structure import check_names, check_structure

EMBED = {"en": "/embed", "fr": "/fr/integrer"}
FRAME = {"en": "/embed/form", "fr": "/fr/integrer/formulaire"}
SHEET = {"en": "/embed/sheet", "fr": "/fr/integrer/feuille"}
FORM = {"en": f"{PUBLIC_URL}/subscribe", "fr": f"{PUBLIC_URL}/fr/abonnement"}
CHARITY = {"Origin": "https://charity.example", "Sec-Fetch-Site": "cross-site"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


def pasted(world: World, language: str = "en", snippet: str = "plain") -> Page:
    """Return the form as it stands on another site, from the text to copy."""
    shown = world.page(EMBED[language]).one("textarea", id=snippet)
    return Page("<main>" + "".join(shown.texts) + "</main>")


def filled(form: Page, **changes: Any) -> dict[str, Any]:
    """Return what a browser sends when somebody has filled in the pasted form."""
    fields = {one["name"]: one["value"] for one in form.all("input") if one["type"] == "hidden"}
    return fields | {"address": "rose@example.ca", "notice": form.values("notice")[:1]} | changes


def press_once_more(world: World, page: Page) -> None:
    """Press the button of our own page, at a person's pace."""
    world.clock.forward(seconds=3)
    kept = {name: page.values(name) for name in ("token", "address", "elsewhere")}
    ticked = [one["value"] for one in page.all("input", name="notice") if "checked" in one]
    done = world.post("/subscribe", kept | {"notice": ticked or page.values("notice")})
    assert done.status_code == 303, done.text


def plain(words: str) -> str:
    """Return the words with white space made plain, as the text of an element has it."""
    return " ".join(words.split())


def wording(world: World) -> str:
    """Return the wording of the only sign-up."""
    with world.write() as session:
        return session.scalars(select(Signup)).one().wording


@LANGUAGES
@pytest.mark.parametrize("snippet", ["plain", "wordpress"])
def test_the_pasted_form_identifies_ticks_nothing_and_needs_nothing(
    world: World, language: str, snippet: str
) -> None:
    text = "".join(world.page(EMBED[language]).one("textarea", id=snippet).texts)
    form = pasted(world, language, snippet)
    assert form.one("form")["action"] == FORM[language]
    assert form.one("form")["lang"] == language
    assert not [one for one in form.all("input") if "checked" in one]  # L2
    side = {"en": ("Example Society", "12 Main Street"), "fr": ("Société Exemple", "12, rue Main")}[language]
    withdraw = {"en": "Stop at any time with one press.", "fr": "Arrêtez quand vous voulez"}[language]
    for words in (*side, "1 780 555-0123", withdraw):  # L3
        assert words in form.one("form").text
    assert not re.search(r"<script|<link|<img|\son\w+=", text)
    assert "\n\n" not in text, "WordPress would make paragraphs of it"
    trap = form.one("input", name="reference_code")  # S4
    assert any(parent["aria-hidden"] == "true" for parent in trap.ancestors)
    labelled = {label["for"] for label in form.all("label")}
    fields = [one for one in form.all("input") if one["type"] != "hidden"]
    assert {one["id"] for one in fields} == labelled  # A1


@LANGUAGES
def test_every_word_of_the_record_stands_in_the_pasted_form(world: World, language: str) -> None:
    form = pasted(world, language)
    with world.app.test_request_context():
        shown = elsewhere.read(form.values("elsewhere")[0])
    assert shown is not None
    for line in shown.words.splitlines():  # L1
        assert plain(line) in form.one("form").text


def test_a_press_elsewhere_leads_to_the_filled_form_and_a_second_one_signs_up(world: World) -> None:
    answer = world.post("/subscribe", filled(pasted(world)), headers=CHARITY)
    page = Page(answer.text)
    assert answer.status_code == 200  # S4, S5: without cookie, token or script, and never an error
    assert "Set-Cookie" not in answer.headers
    assert "Please press the button once more." in answer.text
    assert page.values("address") == ["rose@example.ca"]
    press_once_more(world, page)
    site, place, *words = wording(world).splitlines()
    assert (site, place) == ("https://charity.example", FORM["en"])
    assert words[0] == "Subscribe to our newsletter"


def test_an_old_form_still_records_the_words_it_showed(world: World) -> None:
    old = pasted(world)
    with world.write() as session:
        organisation.set_words(session, "en", postal_address="99 Other Street")
    page = Page(world.post("/subscribe", filled(old), headers=CHARITY).text)
    press_once_more(world, page)
    before, _, after = wording(world).partition(f"\n\n{FORM['en']}\n")
    assert before.startswith("https://charity.example\n")
    assert "12 Main Street" in before  # L1: what stood on the other site
    assert "99 Other Street" in after  # L1: what stood on ours, where the second press was
    assert "99 Other Street" not in before


def test_the_words_survive_a_fault_and_the_question_about_a_slip(world: World) -> None:
    faulty = world.post("/subscribe", filled(pasted(world), address="rose"), headers=CHARITY)
    page = Page(faulty.text)
    assert faulty.status_code == 422
    world.clock.forward(seconds=3)
    kept = {name: page.values(name) for name in ("token", "elsewhere")}
    slip = Page(world.post("/subscribe", kept | {"address": "rose@gmial.com", "notice": "1"}).text)
    assert slip.one("h1").text == "Is this right?"
    fields = {name: slip.values(name) for name in ("token", "address", "notice", "elsewhere")}
    assert world.post("/subscribe", fields | {"answer": "keep"}).status_code == 303
    assert wording(world).startswith("https://charity.example\n")


@pytest.mark.parametrize("field", ["", "forged", "{{ 7*7 }}", "WyJ4Il0.abc", "\u00e9", "<b>x</b>"])
def test_what_we_did_not_sign_is_dropped(world: World, field: str) -> None:
    """S13: nobody else's words come into the record, or onto a page."""
    answer = world.post("/subscribe", filled(pasted(world), elsewhere=field), headers=CHARITY)
    page = Page(answer.text)
    assert page.values("elsewhere") == []
    press_once_more(world, page)
    assert wording(world).startswith("Subscribe to our newsletter\n")


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://charity.example/give?x=1", "https://charity.example"),
        ("http://charity.example:8080", "http://charity.example:8080"),
        ("null", ""),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("https://charity.example\r\nX: y", "https://charity.example"),
        (f"https://{'a' * 500}", f"https://{'a' * 200}"),
    ],
)
def test_a_site_is_read_from_what_a_browser_says(url: str, site: str) -> None:
    assert elsewhere.site_of(url) == site


def test_wording_without_a_site_is_recorded_all_the_same(world: World) -> None:
    with world.app.test_request_context():
        old = elsewhere.sign(Elsewhere("Old words"))
        assert elsewhere.recorded("New words", "https://ours", old) == (
            "Old words\n\nhttps://ours\nNew words"
        )


def test_one_notice_needs_no_box(world: World) -> None:
    with world.write() as session:
        session.execute(update(Notice).where(Notice.id != 1).values(offered=False))
    form = pasted(world)
    assert [one["type"] for one in form.all("input", name="notice")] == ["hidden"]
    page = Page(world.post("/subscribe", filled(form), headers=CHARITY).text)
    press_once_more(world, page)


@pytest.mark.parametrize("paths", [EMBED, FRAME, SHEET])
def test_nothing_is_handed_out_before_the_law_allows_it(world: World, paths: dict[str, str]) -> None:
    with world.write() as session:
        organisation.set_words(session, "fr", postal_address="")
    for path in paths.values():
        page = world.page(path)
        assert page.one("h1").text in ("You cannot sign up here yet", "On ne peut pas encore s'abonner ici")
        assert not page.all("textarea")  # L3
        assert not page.all("form", id="signup")


@LANGUAGES
@pytest.mark.parametrize("paths", [EMBED, SHEET])
def test_the_pages_are_built_for_everybody(world: World, paths: dict[str, str], language: str) -> None:
    page = world.page(paths[language])
    check_structure(page, "embed", language)  # A1, A4, A5, A6
    check_names(page)


def framing(world: World, path: str) -> tuple[str, str | None]:
    """Return who may frame a page, by the policy and by the older header."""
    headers = world.get(path).headers
    found = re.search(r"frame-ancestors ([^;]*)", headers["Content-Security-Policy"])
    assert found
    return found[1], headers.get("X-Frame-Options")


def test_only_the_bare_form_may_stand_in_a_frame(world: World) -> None:
    for path in FRAME.values():
        assert framing(world, path) == ("*", None)  # S5, S25
        assert world.get(path).headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for path in ("/subscribe", "/embed", "/embed/sheet", "/"):
        assert framing(world, path) == ("'none'", "DENY")  # S25


def test_sites_that_may_frame_it_can_be_named(
    make_world: Callable[[Settings], World], settings: Settings
) -> None:
    sites = ("https://charity.example", "https://www.charity.example")
    world = make_world(replace(settings, embed_sites=sites))
    set_up(world, world.clock())
    assert framing(world, "/embed/form") == (" ".join(sites), None)


@LANGUAGES
def test_the_frame_signs_up_with_one_press_and_no_cookie(world: World, language: str) -> None:
    page = world.page(FRAME[language], headers={"Referer": "https://charity.example/give"})
    form = page.one("form", id="signup")
    assert form["target"] == "_top"
    assert not [one for one in page.all("input") if "checked" in one]  # L2
    assert {one["target"] for one in page.all("a") if not one["href"].startswith("tel:")} == {"_top"}
    world.clock.forward(seconds=30)
    kept = {name: page.values(name) for name in ("token", "elsewhere")}
    path = FORM[language].removeprefix(PUBLIC_URL)
    done = world.post(path, kept | {"address": "rose@example.ca", "notice": "1"})
    assert done.status_code == 303
    site, place, *words = wording(world).splitlines()
    assert (site, place) == ("https://charity.example", FORM[language])
    for line in words:  # L1
        name, _, rest = plain(line).partition(" – ")
        assert name in page.one("main").text
        assert rest in page.one("main").text


@LANGUAGES
def test_the_sheet_shows_what_its_command_records(world: World, language: str) -> None:
    page = world.page(SHEET[language])
    typed = shlex.split("".join(page.one("textarea", id="command").texts))
    paper = next(one for one in page.all("div") if one["class"] == "paper")
    shown, recorded = paper.text, plain(typed[typed.index("--wording") + 1])
    assert typed[:3] == [".venv/bin/flask", "subscribers", "add"]
    assert (typed[typed.index("--source") + 1], typed[typed.index("--language") + 1]) == ("paper", language)
    keys = [typed[at + 1] for at, word in enumerate(typed) if word == "--notice"]
    assert len(keys) == 3
    for line in typed[typed.index("--wording") + 1].splitlines():  # L1
        assert plain(line) in shown
    for one in page.elements:
        if paper in one.ancestors and one.tag in ("p", "li") and not one["class"]:
            assert [sentence for sentence in one.text.split(". ") if sentence not in recorded] == []  # L1
    side = {"en": ("Example Society", "12 Main Street"), "fr": ("Société Exemple", "12, rue Main")}[language]
    for words in (*side, "1 780 555-0123"):  # L3
        assert words in shown
    address = FORM[language].removeprefix("https://")
    assert page.one("div", role="img")["aria-label"].endswith(address)  # A1
    assert len(page.all("svg")) == 1
