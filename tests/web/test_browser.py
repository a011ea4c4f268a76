"""The pages in a real browser: axe, reflow, target sizes, keyboard, and no request that nobody asked for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from config import Settings
from newsletter_app.kernel.clock import utc_now
from newsletter_app.kernel.links import Purpose
from tests.waiting import until
from tests.web.conftest import World

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
ROOT = Path(__file__).parents[2]
WIDTHS = (320, 768, 1280)
SCANNER_PATIENCE_MS = 1000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# The style guide's sizes: 56 px for a control, 64 px for a button or field; links in a sentence are exempt.
SMALL_TARGETS = """() => [...document.querySelectorAll('button, .button, .rows a, a.row, input, .choice')]
  .filter(e => e.type !== 'hidden' && !e.closest('[aria-hidden=true]') && e.getClientRects().length)
  .map(e => [e, (e.closest('.choice') || e).getBoundingClientRect().height])
  .filter(([e, height]) => height < (e.matches('.button, .field input, .choice') ? 64 : 56) - 0.5)
  .map(([e, height]) => height + ' ' + e.outerHTML.slice(0, 120))"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TEXT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getClientRects().length && !e.closest('[aria-hidden=true]'))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 18
    && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .map(e => e.outerHTML.slice(0, 120))"""


@dataclass
class Site:
    """A gunicorn with its address, and every page on it."""

    url: str
    pages: dict[str, str]


@pytest.fixture
def now() -> datetime:
    """Give the real time, since the server's own clock runs."""
    return utc_now()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Give a listening socket on a loopback port of the system's choice; gunicorn inherits it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def settings(settings: Settings, listener: socket.socket) -> Settings:
    """Give the settings of a try-out at the listener's address, with keys fit for an environment."""
    port = listener.getsockname()[1]
    return replace(
        settings,
        public_url=f"http://127.0.0.1:{port}",
        host="127.0.0.1",
        port=port,
        secret_key="q7Xw2kLm9Tz4VbN8sRf3HdY6cJg1PaUe",
        link_keys=(b"link-key-of-the-browser-tests-0123456789",),
    )


@pytest.fixture
def site(
    world: World, settings: Settings, every_page: dict[str, str], listener: socket.socket
) -> Iterator[Site]:
    """Serve the prepared database with gunicorn."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "PUBLIC_URL": settings.public_url,
        "PORT": str(settings.port),
        "SECRET_KEY": settings.secret_key,
        "LINK_KEYS": settings.link_keys[0].decode(),
        "HASH_KEY": settings.hash_key.decode(),
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--threads", "4"]
    command += ["--no-control-socket", "--log-level", "warning", "newsletter_app:create_app()"]
    descriptors = (listener.fileno(),)
    with subprocess.Popen(command, env=environment, cwd=ROOT, pass_fds=descriptors) as process:
        try:
            until(lambda: answers(settings.public_url), "gunicorn answers")
            yield Site(settings.public_url, every_page)
        finally:
            process.terminate()


def answers(url: str) -> bool:
    """Tell whether the first page is there."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def faults_of(page: Page) -> list[str]:
    """Return what axe finds on the open page."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(site: Site, browser: Browser, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    page = context.new_page()
    for name, path in [*site.pages.items(), ("outbox-en", "/outbox"), ("outbox-fr", "/outbox?lang=fr")]:
        page.goto(site.url + path)
        assert faults_of(page) == [], name  # A1–A6, contrast (A2) included
    context.close()


@pytest.mark.parametrize("size", ["normal", "largest"])
def test_pages_fit_every_width(site: Site, browser: Browser, size: str) -> None:
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 640})
        context.add_cookies([{"name": "text_size", "value": size, "url": site.url}])
        page = context.new_page()
        for name, path in site.pages.items():
            page.goto(site.url + path)
            assert page.evaluate(SIDEWAYS) <= 0, (name, width)  # A2: reflow
            assert page.evaluate(SMALL_TARGETS) == [], (name, width)  # A4
            assert page.evaluate(SMALL_TEXT) == [], (name, width)
        context.close()


def test_button_of_confirm_and_stop_is_in_sight(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    for name in ("confirm-en", "confirm-fr", "stop-en", "stop-fr"):
        page.goto(site.url + site.pages[name])
        button = page.locator("main .button").first.bounding_box()
        assert button is not None
        strip = page.locator(".strip").bounding_box()
        assert strip is not None
        assert button["y"] - strip["height"] < 400, name
        assert button["height"] >= 72, name
    context.close()


def test_page_with_script_on_sends_nothing_by_itself(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    for purpose in (Purpose.CONFIRM, Purpose.STOP, Purpose.CHOICES, Purpose.RESTART, Purpose.ADDRESS_KEEP):
        page.goto(site.url + site.pages[f"{purpose.name.lower()}-en"])
        page.wait_for_timeout(SCANNER_PATIENCE_MS)
    assert {line.split()[0] for line in sent} == {"GET"}  # S7
    assert all(line.split()[1].startswith(site.url) for line in sent)  # S10
    context.close()


def test_faults_take_the_focus_and_saving_takes_it_to_its_section(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/subscribe")
    page.locator("#address").fill("rose")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    focused = "document.activeElement.getAttribute('role') || document.activeElement.id"
    assert page.evaluate(focused) == "alert"  # A5
    page.goto(site.url + site.pages["choices-en"])
    page.get_by_role("button", name="Save the language").press("Enter")
    page.wait_for_selector("[role=status]")
    assert page.evaluate(focused) == "language"  # A6
    context.close()


def test_signing_up_by_keyboard_alone(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/fr/abonnement")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"  # A4
    page.locator("#address").focus()
    page.keyboard.type("rose@exemple.ca")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_timeout(2_500)  # the form asks for at least two seconds
    page.get_by_role("button", name="M'abonner").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/fr/abonnement/envoi/**")
    assert page.locator("h1").inner_text() == "Ouvrez maintenant vos courriels"
    assert page.get_by_text("rose@exemple.ca").is_visible()
    context.close()
