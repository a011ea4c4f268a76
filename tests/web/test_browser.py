"""The pages in a real browser: axe, reflow, target sizes, keyboard, and no request that nobody asked for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from config import Settings
from newsletter_app.kernel.links import Purpose
from tests.journeys.browser import Hands
from tests.waiting import until
from tests.web.conftest import Clock, World

pytestmark = [pytest.mark.browser]

CHROMIUM = "/usr/bin/chromium"
# A page that a test makes up is outside to the browser, which would ask before it frames one of this machine.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
ARGUMENTS += ["--disable-features=LocalNetworkAccessChecks"]
WIDTHS = (320, 768, 1280)
SCANNER_PATIENCE_MS = 1000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast", "link-in-text-block"]
ALL_RULES = {"runOnly": {"type": "tag", "values": TAGS}}
# Nothing else that axe looks at depends on the scheme of colours, and colours do not depend on the language.
COLOURS = {"runOnly": {"type": "rule", "values": CONTRAST}}
WORDS = ALL_RULES | {"rules": {rule: {"enabled": False} for rule in CONTRAST}}
# Beside the pages that every test knows: these are for whoever looks after it all, or stand in a frame.
FURTHER = {
    "outbox-en": "/outbox",
    "outbox-fr": "/outbox?lang=fr",
    "embed-en": "/embed",
    "embed-fr": "/fr/integrer",
    "frame-en": "/embed/form",
    "frame-fr": "/fr/integrer/formulaire",
    "sheet-en": "/embed/sheet",
    "sheet-fr": "/fr/integrer/feuille",
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = ("normal", "largest")
RUN_AXE = "options => axe.run({...options, resultTypes: ['violations']}).then(found => found.violations)"

# The style guide's sizes: 18 px for text, 56 for a control, 64 for a button or field; links in a sentence are
# exempt. The text's size is what test_text_size_is_kept_and_leads_back sees the reader's cookie set.
MISFITS = """sizes => sizes.map(size => {
  document.documentElement.dataset.text = size;
  const shown = (words) => [...document.querySelectorAll(words)]
    .filter(e => e.getClientRects().length && !e.closest('[aria-hidden=true]'));
  const sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const targets = shown('button, .button, .rows a, a.row, input:not([type=hidden]), .choice')
    .map(e => [e, (e.closest('.choice') || e).getBoundingClientRect().height])
    .filter(([e, height]) => height < (e.matches('.button, .field input, .choice') ? 64 : 56) - 0.5)
    .map(([e, height]) => height + ' px high: ' + e.outerHTML.slice(0, 120));
  const text = shown('body *')
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
      && parseFloat(getComputedStyle(e).fontSize) < 18)
    .map(e => 'small text: ' + e.outerHTML.slice(0, 120));
  return [...(sideways > 0 ? [sideways + ' px too wide'] : []), ...targets, ...text];
})"""


@dataclass
class Site:
    """The address of the running application, and every page on it."""

    url: str
    pages: dict[str, str]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Give a listening socket on a loopback port of the system's choice."""
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
    """Serve the application on the prepared database, a thread for each request."""
    server = make_server("127.0.0.1", settings.port, world.app, threaded=True, fd=listener.fileno())
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    yield Site(settings.public_url, every_page)
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def kept() -> dict[str, list[str]]:
    """Give the place where what was seen is kept for the tests that follow."""
    return {}


@pytest.fixture
def faults(site: Site, browser: Browser, kept: dict[str, list[str]]) -> dict[str, list[str]]:
    """Give what is wrong with any page, by scheme of colours and by size of text.

    Every page is opened once: that costs as much as all that is then looked at.
    """
    if not kept:
        kept |= {kind: [] for kind in (*SCHEMES, *SIZES)}
        context = browser.new_context()
        context.add_init_script(AXE_SCRIPT)
        page = context.new_page()
        for name, path in (site.pages | FURTHER).items():
            page.set_viewport_size({"width": WIDTHS[0], "height": 640})
            page.goto(site.url + path)
            for kind, fault in look_at(page, name[-2:]):
                kept[kind].append(f"{name}: {fault}")
        context.close()
    return kept


def look_at(page: Page, language: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the open page: the scheme or size it was seen in, and the fault."""
    for scheme in SCHEMES if language == "en" else SCHEMES[:1]:
        page.emulate_media(color_scheme=scheme)
        rules = COLOURS if scheme == "dark" else ALL_RULES if language == "en" else WORDS
        for fault in page.evaluate(RUN_AXE, rules):
            yield scheme, f"{fault['id']} {fault['nodes'][0]['html'][:120]}"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        for size, misfits in zip(SIZES, page.evaluate(MISFITS, SIZES), strict=True):
            yield from ((size, f"at {width} px {misfit}") for misfit in misfits)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_on_any_page(faults: dict[str, list[str]], scheme: str) -> None:
    assert faults[scheme] == []  # A1–A6, contrast (A2) included


@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_every_width(faults: dict[str, list[str]], size: str) -> None:
    assert faults[size] == []  # A2: reflow; A4: targets


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


# What a browser has of its own, and headless chromium has not: a voice, and a clipboard nobody asks about.
STAND_INS = """
  const said = window.said = [];
  const speech = {
    getVoices: () => [{lang: 'fr-CA'}], addEventListener: () => {}, cancel: () => { said.push('stop'); },
    speak: (one) => { said.push(one.text); if (said.length < 4) setTimeout(one.onend, 0); },
  };
  Object.defineProperty(window, 'speechSynthesis', {value: speech});
  window.SpeechSynthesisUtterance = function (text) { this.text = text; };
  window.print = () => { said.push('print'); };
  Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => {
    if (said.includes('refuse')) throw new Error('no');
    said.push(text);
  }}});
"""


def test_the_script_copies_prints_and_reads_aloud(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    context.add_init_script(STAND_INS)
    page = context.new_page()
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(site.url + site.pages["tip-fr"])
    page.get_by_role("button", name="Copier le lien").press("Enter")
    page.locator("#copied", has_text="Copié").wait_for()  # A6: a live region says so
    page.evaluate("said.push('refuse')")
    page.get_by_role("button", name="Copier le lien").click()
    page.locator("#copied", has_text=f"Copiez cette adresse\N{NO-BREAK SPACE}: {site.url}/fr/2").wait_for()
    page.get_by_role("button", name="Imprimer").click()
    assert page.evaluate("said.splice(0)") == [f"{site.url}/fr/2", "refuse", "print"]
    page.get_by_role("button", name="Écouter ce conseil").press("Space")
    # Not wait_for_function: it would have the page evaluate a text, which the page's policy forbids.
    until(lambda: page.evaluate("said.length") == 4, "the tip is read aloud")
    page.get_by_role("button", name="Arrêter la lecture").click()
    assert page.evaluate("said") == [
        *("Marchez un peu 2", "Une petite marche peut aider.", "Débutez", "Dix minutes.", "stop"),
    ]
    assert page.get_by_role("button", name="Écouter ce conseil").is_visible()
    page.goto(site.url + site.pages["tip-en"])
    assert not page.locator("#listen").is_visible()  # no voice of this language
    assert broken == []  # S25: nothing ran against the policy
    context.close()


def test_the_form_is_told_the_browsers_zone(site: Site, browser: Browser) -> None:
    context = browser.new_context(timezone_id="America/Halifax")
    page = context.new_page()
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    for name in ("subscribe-fr", "tip-en"):
        page.goto(site.url + site.pages[name])
        assert page.locator('input[name="zone"]').input_value() == "America/Halifax"
    page.locator("#address").fill("rose")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.get_by_role("alert").wait_for()
    assert page.locator('input[name="zone"]').input_value() == "America/Halifax"
    assert [text for text in broken if "422" not in text] == []  # S25: nothing ran against the policy
    context.close()


def test_without_script_nothing_is_shown_that_needs_it(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(site.url + site.pages["tip-en"])
    assert [page.locator(f"#{name}").is_visible() for name in ("listen", "copy", "print")] == [False] * 3
    page.get_by_role("button", name="A little").press("Enter")  # A6
    page.get_by_role("status").filter(has_text="Thank you.").wait_for()
    page.goto(site.url + site.pages["library-fr"])
    page.get_by_label("Chercher un conseil").fill("marcher")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="3 conseils trouvés").wait_for()
    context.close()


def test_forced_colours_and_paper_keep_the_words(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(site.url + site.pages["tip-en"])
    page.emulate_media(forced_colors="active")
    for name in ("Yes", "Send by email"):
        edge = page.locator(".button", has_text=name).first.evaluate(
            "one => getComputedStyle(one).borderTopWidth"
        )
        assert float(edge.removesuffix("px")) >= 3  # A2
    page.emulate_media(media="print", forced_colors="none")
    for left_out in ("#useful", "#signup", "header", ".sizes", "nav", "#share"):
        assert not page.locator(left_out).first.is_visible(), left_out
    for kept in ("h1", ".tab", ".references", ".disclaimer", ".foot .lines"):
        assert page.locator(kept).first.is_visible(), kept
    size = "getComputedStyle(document.querySelector('article div p')).fontSize"
    assert page.evaluate(size).startswith("21.33")  # 16 points
    page.goto(site.url + site.pages["print-en"])
    assert page.evaluate(size).startswith("26.66")  # 20 points
    context.close()


def test_faults_take_the_focus_and_saving_takes_it_to_its_section(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/subscribe")
    page.locator("#address").fill("rose")
    page.keyboard.press("Enter")
    # A browser gives the focus when it next draws, a moment after the page is there: the wait is the test.
    page.wait_for_selector("[role=alert]:focus")  # A5
    page.goto(site.url + site.pages["choices-en"])
    page.get_by_role("button", name="Save the language").press("Enter")
    page.wait_for_selector("[role=status]")
    page.wait_for_selector("#language:focus")  # A6
    page.get_by_label("Time of day").select_option("9")
    page.get_by_role("button", name="Save the time").press("Enter")
    page.wait_for_selector("#when:focus [role=status]")  # A6
    page.goto(site.url + site.pages["manage-en"])
    fault, saved = "[role=alert]:focus", "#address-section:focus [role=status]"
    for typed, takes_it in (("rose", fault), ("rose@example.ca", saved), ("rose", fault)):
        page.locator("#address").fill(typed)
        page.get_by_role("button", name="Save the address").press("Enter")
        page.wait_for_selector(takes_it)  # A5, A6
    context.close()


def test_what_a_press_shows_is_built_for_everybody(site: Site, browser: Browser, world: World) -> None:
    """A weekly rhythm with its weekday, a break, and the page that says so after the stop page."""
    choices = site.pages["choices-en"]
    world.post(choices, {"section": "notices", "notice": ["1", "2"], "cadence-1": "weekly"})
    context = browser.new_context(viewport={"width": 320, "height": 640})
    context.add_init_script(AXE_SCRIPT)
    page = context.new_page()
    page.goto(site.url + choices)
    assert page.get_by_label("Day of the week").is_visible()
    page.get_by_role("button", name="Pause for 3 months").press("Enter")
    page.wait_for_selector("#pause:focus [role=status]")  # A6
    faults = [*page.evaluate(RUN_AXE, ALL_RULES), *page.evaluate(MISFITS, SIZES)]
    page.goto(site.url + site.pages["stop-fr"])
    page.get_by_role("button", name="Une fois par mois").press("Enter")
    page.wait_for_selector("h1:has-text('Une fois par mois, désormais')")
    faults += [*page.evaluate(RUN_AXE, ALL_RULES), *page.evaluate(MISFITS, SIZES)]
    assert [fault for fault in faults if fault] == []  # A1–A6
    context.close()


def test_signing_up_by_keyboard_alone(site: Site, browser: Browser, clock: Clock) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/fr/abonnement")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"  # A4
    page.locator("#address").focus()
    page.keyboard.type("rose@exemple.ca")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    clock.forward(seconds=3)  # the form asks for at least two
    page.get_by_role("button", name="M'abonner").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/fr/abonnement/envoi/**")
    assert page.locator("h1").inner_text() == "Ouvrez maintenant vos courriels"
    assert page.get_by_text("rose@exemple.ca").is_visible()
    context.close()


@dataclass(frozen=True)
class Walk:
    """The words by which somebody finds their way through their page, in one language."""

    heading: str
    saves: dict[str, str]
    copy: str
    erase: str
    asked: str
    keep: str
    sure: str
    held: str


WALK = {
    "en": Walk(
        "Your choices",
        {
            "Save what you get": "notices",
            "Save the time": "when",
            "Pause for 3 months": "pause",
            "Start again now": "pause",
            "Save how it looks": "looks",
            "Save the language": "language",
            "Save the name": "name-section",
        },
        "Get a copy of my data",
        "Erase all about me",
        "Erase all about me?",
        "No, erase nothing",
        "Yes, erase all about me",
        "We hold nothing about this address",
    ),
    "fr": Walk(
        "Vos choix",
        {"Enregistrer ce que vous recevez": "notices", "Enregistrer le nom": "name-section"},
        "Obtenir une copie de mes données",
        "Effacer tout à mon sujet",
        "Effacer tout à mon sujet?",
        "Non, ne rien effacer",
        "Oui, effacer tout à mon sujet",
        "Nous n'avons rien sur cette adresse",
    ),
}


SECTIONS = {
    "en": [
        *("What you get", "From tip 1", "When our emails come", "Take a break", "How it looks", "Language"),
        *("Your name", "Your address", "Your data", "Stop all emails"),
    ],
    "fr": [
        *("Ce que vous recevez", "À partir du conseil 1", "Quand nos courriels arrivent", "Faire une pause"),
        *("L'apparence", "Langue", "Votre nom", "Votre adresse", "Vos données", "Arrêter tous les courriels"),
    ],
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_reader_goes_through_their_page_by_keyboard(site: Site, browser: Browser, language: str) -> None:
    """Every section is saved, a copy fetched, and all of it erased in the end, on a narrow screen."""
    say = WALK[language]
    context = browser.new_context(viewport={"width": 320, "height": 640}, accept_downloads=True)
    context.add_init_script(AXE_SCRIPT)
    hands = Hands(context.new_page())
    page = hands.page
    page.goto(site.url + site.pages[f"manage-{language}"])
    headings = page.locator("main section h2").all_inner_texts()
    assert headings == SECTIONS[language]  # ux: the order of the page
    for button, section in say.saves.items():
        hands.reach(button, "button")
        page.keyboard.press("Enter")
        page.wait_for_selector(
            f"#{section}:focus [role=status]"
        )  # A3, A6: the focus follows to what was saved
    with page.expect_download() as coming:
        hands.reach(say.copy, "button")
        page.keyboard.press("Enter")
    assert coming.value.suggested_filename.endswith(".zip")
    faults = [*page.evaluate(RUN_AXE, ALL_RULES), *page.evaluate(MISFITS, SIZES)]
    hands.press(say.erase, say.asked)
    hands.press(say.keep, say.heading)
    hands.press(say.erase, say.asked)
    faults += [*page.evaluate(RUN_AXE, ALL_RULES), *page.evaluate(MISFITS, SIZES)]
    hands.press(say.sure, say.held)
    faults += [*page.evaluate(RUN_AXE, ALL_RULES), *page.evaluate(MISFITS, SIZES)]
    assert [fault for fault in faults if fault] == []  # A1–A6
    page.goto(site.url + site.pages[f"manage-{language}"])
    assert hands.heading == say.held
    context.close()


def test_the_form_works_on_another_site(site: Site, browser: Browser, clock: Clock) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/embed")
    pasted = "".join(page.locator(f"#{snippet}").input_value() for snippet in ("plain", "frame"))
    page.route(
        "http://charity.example/**", lambda route: route.fulfill(content_type="text/html", body=pasted)
    )
    page.goto("http://charity.example/give")
    page.locator("#newsletter-address").fill("rose@example.ca")
    page.locator("#newsletter-notice-1").check()
    page.locator("button").click()
    assert page.get_by_text("Please press the button once more.").is_visible()  # S4, S5
    clock.forward(seconds=3)
    page.get_by_role("button", name="Subscribe", exact=True).last.click()
    page.wait_for_url("**/subscribe/sent/**")
    page.goto("http://charity.example/give")
    frame = page.frame_locator("iframe")
    frame.locator("#address").fill("paul@example.ca")
    frame.locator("#notice-1").check()
    clock.forward(seconds=3)
    frame.get_by_role("button", name="Subscribe", exact=True).last.click()
    page.wait_for_url(f"{site.url}/subscribe/sent/**")
    assert page.locator("h1").inner_text() == "Now open your email"
    assert context.cookies() == []
    context.close()
