"""The console in a real browser: gone through by keyboard alone, and looked at by axe on every page."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from config import Settings
from newsletter_app import audit, identity
from newsletter_app.identity import Staff
from tests.factories.staff import give_second_factor, make_staff
from tests.journeys.browser import Hands, chromium
from tests.web.conftest import World
from tests.web.staff.conftest import Desk, Desks
from tests.web.staff.sending.conftest import become, begin_sending, prepared
from tests.web.test_browser import ALL_RULES, COLOURS, RUN_AXE, SCHEMES

pytestmark = [pytest.mark.browser]
# The smallest there is (WCAG 1.4.10), where targets are nearest to each other, and a desk's.
WIDTHS = {320: ALL_RULES, 1280: COLOURS}
# Whatever can be pressed but stands in a sentence; 24 px is the law's (WCAG 2.5.8), 44 the console's own.
MISFITS = """() => {
  const sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const small = [...document.querySelectorAll('button, [role=button], nav a, .field input, select')]
    .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 44)
    .map(e => 'small: ' + e.outerHTML.slice(0, 100));
  return [...(sideways > 0 ? [sideways + ' px too wide'] : []), ...small];
}"""


@pytest.fixture
def settings(settings: Settings, listener: socket.socket) -> Settings:
    """Give the settings of a try-out at the listener's address."""
    port = listener.getsockname()[1]
    return replace(settings, public_url=f"http://127.0.0.1:{port}", host="127.0.0.1", port=port)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Give a listening socket on a loopback port of the system's choice."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def served(empty: World, settings: Settings, listener: socket.socket) -> Iterator[World]:
    """Serve the application, a thread for each request."""
    server = make_server("127.0.0.1", settings.port, empty.app, threaded=True, fd=listener.fileno())
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    yield empty
    server.shutdown()
    serving.join()
    server.server_close()


def code_of(world: World, seed: Callable[[Staff], bytes | None]) -> str:
    """Return what the owner's phone shows now."""
    with world.write() as session:
        found = seed(session.scalars(select(Staff)).one())
    assert found is not None
    return identity.second_factor.code_at(found, world.clock())


def test_the_first_start_by_keyboard(served: World, browser: Browser) -> None:  # A3, A5, A6
    hash_key, seeds = served.ports.settings.hash_key, []
    with served.write() as session:
        link = identity.first_link(session)
        assert link is not None
    hands = Hands(browser.new_context(locale="en").new_page())
    hands.page.goto(link.url(served.ports.links))
    fill(hands, "Your email address", "rose@example.ca")
    fill(hands, "New password", "short")
    hands.page.keyboard.press("Enter")
    hands.page.locator(".problem").wait_for()
    assert hands.page.title().startswith("Error: ")
    assert hands.page.evaluate("document.activeElement.className") == "box problem"
    fill(hands, "New password", "four hens in a row")
    hands.page.keyboard.press("Enter")
    hands.wait_for("Codes from your phone")
    with served.write() as session:
        seeds.append(identity.candidate(session.scalars(select(Staff)).one(), hash_key=hash_key))
    fill(hands, "Code", code_of(served, lambda _staff: seeds[0]))
    hands.press("Go on", "Your recovery codes")
    hands.press("I have kept them", "Set-up")
    hands.press("Who sends", "Who sends")
    for label, words in (("Name in English", "Walk On"), ("Name in French", "En marche")):
        fill(hands, label, words)
    for label in ("Postal address in English", "Postal address in French"):
        fill(hands, label, "1 Main St")
    fill(hands, "Phone", "780 555 0100")
    hands.reach("Your clock is that of")
    hands.page.keyboard.type("Edmonton")
    hands.reach("Save", "button")
    hands.page.keyboard.press("Enter")
    hands.wait_for("Set-up")
    assert hands.page.get_by_role("status").inner_text() == "Saved"
    hands.press("Sign out", "Sign in")
    served.clock.forward(minutes=1)
    fill(hands, "Your email address", "rose@example.ca")
    fill(hands, "Password", "four hens in a row")
    hands.page.keyboard.press("Enter")
    hands.wait_for("Your code")
    fill(hands, "Code", code_of(served, lambda _staff: seeds[0]))
    hands.page.keyboard.press("Enter")
    hands.wait_for("Home")
    hands.press("Français", "Accueil")


def test_axe_and_width_on_every_page(
    served: World, browser: Browser, desk: Desks
) -> None:  # A1, A2, A4, A5, A6
    with served.write() as session:
        first = identity.first_link(session)
        assert first is not None
        audit.note(session, actor="machine", action="tip.scheduled", subject="tip:4", now=served.clock())
    page = seen(browser)
    faults = [
        fault
        for language in ("en", "fr")
        for fault in look(page, f"{first.url(served.ports.links)}?lang={language}", language)
    ]
    owner = desk("owner")
    desk("owner")
    with served.write() as session:
        other = make_staff(session, "publisher", served.clock())
        give_second_factor(session, other, served.clock())
        invited = identity.invite(
            session, "new@example.org", "editor", "en", by="x", hash_key=served.ports.settings.hash_key,
            now=served.clock(),
        )  # fmt: skip
        password = identity.password_link(invited).url(served.ports.links)
        identity.begin_second_factor(
            session, session.get_one(Staff, owner.actor.id), hash_key=served.ports.settings.hash_key
        )
    url = served.ports.settings.public_url
    outside = [f"{url}/console/sign-in", f"{url}/console/forgotten", password]
    inside = [
        f"{url}/console{path}"
        for path in (
            *("", "/set-up", "/set-up/organisation", "/set-up/sender", "/set-up/notice", "/staff", "/log"),
            *(f"/staff/{other.id}", f"/staff/{owner.actor.id}", "/account", "/account/password"),
            *("/again", "/second-factor"),
        )
    ]
    for language in ("en", "fr"):
        owner.post("/console/language", {"language": language}, headers={"Origin": url})
        page = seen(browser)
        for address in outside:
            faults += look(page, f"{address}?lang={language}", language)
        sit_down(page, owner)
        for address in inside:
            faults += look(page, address, language)
    assert faults == []


def test_axe_and_width_on_the_pages_of_sending(
    served: World, world: World, browser: Browser, desk: Desks, now: datetime
) -> None:  # A1, A2, A4, A5, A6
    """Before a tip goes out, and while it is being sent and something was refused."""
    desktop = prepared(world, desk, now)
    choice = urlencode(desktop.choice())
    before = [desktop.send, f"{desktop.send}/check?{choice}", f"/console/tips/{desktop.tip_id}/reader"]
    faults = look_in_both_languages(browser, desktop.desk, before)
    begin_sending(desktop)
    become(desktop, 1, "refused", reason="hard", reply_code=550, reply_enhanced="5.1.1", reply_text="unknown")
    become(desktop, 2, "uncertain")
    watched = ["/console/campaigns", f"/console/campaigns/{desktop.campaign().id}"]
    assert faults + look_in_both_languages(browser, desktop.desk, watched) == []


def look_in_both_languages(browser: Browser, desk: Desk, paths: list[str]) -> list[str]:
    """Return what is wrong with these pages as this person sees them."""
    faults = []
    for language in ("en", "fr"):
        desk.post("/console/language", {"language": language}, headers={"Origin": desk.url})
        page = seen(browser)
        sit_down(page, desk)
        for path in paths:
            faults += look(page, desk.url + path, language)
    return faults


def sit_down(page: Page, desk: Desk) -> None:
    """Be this person in the browser."""
    cookie = desk.client.get_cookie("desk", domain="127.0.0.1")
    assert cookie is not None
    page.context.add_cookies([{"name": "desk", "value": cookie.value, "url": desk.url}])


def seen(browser: Browser) -> Page:
    """Return a page of a browser without cookies, with axe on it."""
    context = browser.new_context()
    context.add_init_script(AXE_SCRIPT)
    return context.new_page()


def look(page: Page, address: str, language: str) -> list[str]:
    """Return what is wrong with a page in either scheme of colours and at any width."""
    told: list[str] = []
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", hear)
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == language, address
    for width, rules in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 700})
        told += [f"at {width} px {misfit}" for misfit in page.evaluate(MISFITS)]
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for fault in page.evaluate(RUN_AXE, rules if scheme == "light" else COLOURS):
                told.append(f"at {width} px {fault['id']} {fault['nodes'][0]['html'][:160]}")
    page.remove_listener("console", hear)
    return [f"{address} {language}: {fault}" for fault in [*told, *said]]


def fill(hands: Hands, label: str, text: str) -> None:
    """Reach a field and type over what stands in it."""
    hands.reach(label)
    hands.page.keyboard.press("Control+A")
    hands.page.keyboard.type(text)
