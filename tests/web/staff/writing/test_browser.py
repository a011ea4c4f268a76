"""Writing in a real browser, by keyboard: typed, left, reloaded, taken up again; and axe on each page."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image as Picture
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from config import Settings
from newsletter_app import identity, tips
from newsletter_app.identity import Role
from newsletter_app.kernel.languages import Language
from newsletter_app.tips import writing
from newsletter_app.web.staff import cookie
from tests.factories.staff import make_staff
from tests.journeys.browser import Hands, chromium
from tests.web.conftest import World

pytestmark = [pytest.mark.browser]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = "tags => axe.run({runOnly: tags, resultTypes: ['violations']}).then(found => found.violations)"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Give a listening socket on a loopback port of the system's choice."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def settings(settings: Settings, listener: socket.socket) -> Settings:
    """Give the settings of a try-out at the listener's address."""
    port = listener.getsockname()[1]
    return replace(settings, public_url=f"http://127.0.0.1:{port}", host="127.0.0.1", port=port)


@pytest.fixture
def url(world: World, settings: Settings, listener: socket.socket) -> Iterator[str]:
    """Serve the application on the prepared database, a thread for each request."""
    server = make_server("127.0.0.1", settings.port, world.app, threaded=True, fd=listener.fileno())
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    yield settings.public_url
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's chromium."""
    with chromium() as running:
        yield running


def sit_down(
    world: World, browser: Browser, url: str, role: Role, language: Language = "en", **looks: Any
) -> BrowserContext:
    """Return a browser in which somebody is signed in."""
    now = world.clock()
    with world.write() as session:
        staff = make_staff(session, role, now, address=f"{role}-{language}@example.org")
        identity.set_language(session, staff.id, language)
        key = identity.sessions.begin(session, staff, "full", agent="Chromium", now=now)
    with world.app.test_request_context():
        name, value = cookie.name(), cookie.written(key)
    context = browser.new_context(**looks)
    context.add_cookies([{"name": name, "value": value, "url": url}])
    return context


def typed(page: Page, words: str) -> None:
    """Type into what has the focus, as fast as a test may: nothing here asks for a person's pace."""
    page.keyboard.insert_text(words)


def test_a_tip_is_written_by_keyboard(
    world: World, browser: Browser, url: str, tmp_path: Path
) -> None:  # A3, A6
    """New, both languages, a reference cited at the cursor, a picture; then reloaded, and nothing is lost."""
    page = sit_down(world, browser, url, "editor").new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    hands = Hands(page)
    page.goto(f"{url}/console/tips")
    hands.press("New tip", "New tip")
    hands.press("Begin the tip", "Tip 1")
    hands.reach("Title", "text")
    typed(page, "Stand up")
    hands.reach("Lead", "textarea")
    typed(page, "Stand up once an hour.")
    # The toolbar is one stop; arrows go along it, and Tab leaves it, and the text behind it, again.
    hands.reach("Heading")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    typed(page, "It helps")
    expect(page.locator("#body_en")).to_have_value("**It helps**")
    page.keyboard.press("End")
    hands.reach("Find or add a source", "textarea")
    typed(page, "Kim K. Standing. J Up 2021. doi:10.1000/up")
    hands.reach("Add it as a new source")
    page.keyboard.press("Enter")
    page.get_by_text("[1] Kim K. Standing.").wait_for()
    page.locator("#body_en").focus()
    page.keyboard.press("Control+End")
    cite = page.get_by_role("button", name="Cite [1] at the cursor")
    cite.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#body_en")).to_have_value("**It helps**[^1]")
    page.locator("#saved-en", has_text="Saved at").wait_for()
    page.locator("#title_fr").focus()
    typed(page, "Levez-vous")
    page.locator("#lead_fr").focus()
    typed(page, "Levez-vous une fois par heure.")
    page.locator("#saved-fr", has_text="Saved at").wait_for()
    Picture.new("RGB", (40, 40), "green").save(tmp_path / "green.png")
    page.locator("#picture").set_input_files(tmp_path / "green.png")
    page.get_by_text("Taken: green.png").wait_for()
    page.get_by_role("button", name="Save the picture").press("Enter")
    page.locator("#status", has_text="Saved").wait_for()
    page.reload()
    expect(page.locator("#body_en")).to_have_value("**It helps**[^1]")
    expect(page.locator("#lead_fr")).to_have_value("Levez-vous une fois par heure.")
    expect(page.get_by_role("img", name="The picture of this tip")).to_be_visible()
    with world.write() as session:
        tip = tips.find_by_number(session, 1)
        assert tip is not None
        assert [row.doi for row in tips.references_of(tip)] == ["10.1000/up"]
        assert writing.side_written(session, tip, "fr").title == "Levez-vous"
    # The console's policy lets all of it run, and nothing of it asks for more.
    assert refused == []
    page.context.close()


def test_two_tabs_lose_nothing(world: World, browser: Browser, url: str, draft: int) -> None:
    """The tab that is behind is told so in its own page, its words are kept and can be put in their place."""
    context = sit_down(world, browser, url, "editor")
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"{url}/console/tips/{draft}")
    first.locator("#lead_en").fill("From the first tab.")
    first.locator("#saved-en", has_text="Saved at").wait_for()
    second.locator("#lead_en").fill("From the second tab.")
    link = second.get_by_role("link", name="See both texts")
    link.wait_for()
    expect(second.locator("#lead_en")).to_have_value("From the second tab.")
    link.press("Enter")
    expect(second.locator("del").first).to_contain_text("first")
    second.get_by_role("button", name="Put this text in its place").press("Enter")
    expect(second.locator("#lead_en")).to_have_value("From the second tab.")
    context.close()


def test_words_that_never_arrived_are_offered_again(
    world: World, browser: Browser, url: str, draft: int
) -> None:
    """The server away, the tab closed: the browser has the words, asks, and puts them back on a press."""
    context = sit_down(world, browser, url, "editor")
    page = context.new_page()
    page.goto(f"{url}/console/tips/{draft}")
    context.route("**/sides/*", lambda route: route.abort())
    page.locator("#lead_en").fill("Typed while nobody listened.")
    page.close()
    context.unroute("**/sides/*")
    page = context.new_page()
    page.goto(f"{url}/console/tips/{draft}")
    expect(page.locator("#lead_en")).not_to_have_value("Typed while nobody listened.")
    page.get_by_role("button", name="Put them back").press("Enter")
    expect(page.locator("#lead_en")).to_have_value("Typed while nobody listened.")
    page.locator("#saved-en", has_text="Saved at").wait_for()
    page.reload()
    expect(page.locator("#lead_en")).to_have_value("Typed while nobody listened.")
    assert page.get_by_role("button", name="Put them back").count() == 0
    context.close()


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en", "light", 1280), ("fr", "light", 360), ("en", "dark", 360), ("fr", "dark", 1280)],
)
def test_nothing_keeps_anybody_out(
    world: World, browser: Browser, url: str, draft: int, language: Language, scheme: Any, width: int
) -> None:  # A1, A2, A4, A5
    """Axe finds nothing on any page of the desk, and no page is wider than its window."""
    with world.write() as session:
        tip = tips.find(session, draft)
        assert tip is not None
        text = writing.SideText("Walk more", "A lead.", "## One\n\nTwo.[^1]", "Ask.")
        writing.write(session, tip, "en", text, base=1, by="ann@example.org", now=world.clock())
        older = writing.revisions(session, tip, "en")[-1].id
    looks = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "bypass_csp": True}
    context = sit_down(world, browser, url, "owner", language, **looks)
    page, found = context.new_page(), []
    tip_url = f"/console/tips/{draft}"
    pages = ["/console/tips", "/console/tips/new", "/console/tips/import", tip_url, f"{tip_url}/checks"]
    pages += [f"{tip_url}/revisions", f"{tip_url}/en/revisions/{older}", f"{tip_url}/references?source=walk"]
    pages += [f"{tip_url}/preview?look={look}" for look in ("phone", "text", "page")]
    for path in pages:
        page.goto(url + path)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE_SCRIPT)
        found += [f"{path}: {one['id']} {one['nodes'][0]['html']}" for one in page.evaluate(RUN_AXE, TAGS)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{path}: {wide} px wide"] if wide > width else []
    assert found == []
    context.close()
