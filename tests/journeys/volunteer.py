"""What a volunteer does at the console from the first link to "it went", by keyboard alone or by touch."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from playwright.sync_api import Page, expect

from newsletter_app.identity import second_factor
from tests.journeys.browser import PATIENCE_MS, Hands
from tests.journeys.machine import ROOT

PICTURE = ROOT / "newsletter_app" / "sample" / "images" / "feet.png"
PASSWORD = "nine grey geese on ice"
ORGANISATION = {
    "Name in English": "Walk On",
    "Name in French": "En marche",
    "Postal address in English": "Box 1, Calgary AB T2V 5H9",
    "Postal address in French": "C. P. 1, Calgary AB T2V 5H9",
    "Phone": "403-555-0100",
    "Email address": "help@example.org",
}
NOTICE = {
    "Name in English": "Health tips",
    "Name in French": "Conseils santé",
    "What it brings, in one English sentence": "Plain words.",
    "What it brings, in one French sentence": "Des mots simples.",
    "How often it comes, in English": "Once a week",
    "How often it comes, in French": "Une fois par semaine",
}


@dataclass(frozen=True)
class Side:
    """A tip in one language, as somebody has it ready on paper."""

    title: str
    lead: str
    body: str
    disclaimer: str
    alt: str


@dataclass(frozen=True)
class Piece:
    """A tip in both languages, its picture's credit, and its sources as they were copied."""

    number: int
    english: Side
    french: Side
    creator: str
    source: str
    references: tuple[str, ...]


class Ways(Protocol):
    """How somebody works a page: each verb finds what bears these words, as a person would."""

    page: Page

    def fill(self, label: str, text: str, place: int = 0) -> None: ...
    def tick(self, label: str) -> None: ...
    def push(self, words: str) -> None: ...
    def choose(self, label: str, steps: int, words: str) -> None: ...
    def pick(self, label: str, words: str) -> None: ...


class ByKeyboard(Hands):
    """Tab, Space, arrows and Enter; fields that are called alike come in the order of the page."""

    def fill(self, label: str, text: str, place: int = 0) -> None:
        """Go on to the next field of this name and write over what stands in it."""
        self.reach(label)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def tick(self, label: str) -> None:
        """Tick a box."""
        self.reach(label, "checkbox")
        self.page.keyboard.press("Space")

    def push(self, words: str) -> None:
        """Press a button or follow a link."""
        self.reach(words)
        self.page.keyboard.press("Enter")

    def choose(self, label: str, steps: int, words: str) -> None:
        """Go to a row of choices and on to another by the arrows."""
        self.reach(label, "radio")
        for _ in range(steps):
            self.page.keyboard.press("ArrowDown")
        expect(self.page.get_by_label(words)).to_be_checked()

    def pick(self, label: str, words: str) -> None:
        """Go to a list and type what it is to say."""
        self.reach(label)
        self.page.keyboard.type(words)
        expect(self.page.get_by_label(label).locator("option:checked")).to_have_text(words)


class ByTouch:
    """A finger on a phone; of what is called alike, ``place`` says which."""

    def __init__(self, page: Page) -> None:
        """Take the phone."""
        self.page = page

    def fill(self, label: str, text: str, place: int = 0) -> None:
        """Touch a field and write over what stands in it."""
        found = self.page.get_by_label(label, exact=True).nth(place)
        found.tap()
        found.fill(text)

    def tick(self, label: str) -> None:
        """Touch a box."""
        self.page.get_by_label(label).tap()

    def push(self, words: str) -> None:
        """Touch a button or a link."""
        pressable = self.page.get_by_role("button", name=words).or_(self.page.get_by_role("link", name=words))
        pressable.first.tap()

    def choose(self, label: str, steps: int, words: str) -> None:
        """Touch one of some choices."""
        self.page.get_by_label(words).tap()

    def pick(self, label: str, words: str) -> None:
        """Touch one line of a list."""
        self.page.get_by_label(label).select_option(label=words)


def nothing(_name: str) -> None:
    """Make no picture of the page."""


@dataclass
class Volunteer:
    """Somebody with a tip to send; ``look`` is told the name of each page that was come to."""

    ways: Ways
    look: Callable[[str], None] = nothing
    _seed: bytes = field(default=b"", init=False)

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.ways.page

    def come_to(self, heading: str, name: str = "") -> None:
        """See that the page with this heading comes."""
        expect(self.page.locator("h1").first).to_contain_text(heading, timeout=PATIENCE_MS)
        if name:
            self.look(name)

    def begin(self, link: str, address: str) -> None:
        """Become the owner behind the terminal's link: password, code from the phone, recovery codes."""
        self.page.goto(link)
        self.come_to("Let us begin", "begin")
        self.ways.fill("Your email address", address)
        self.ways.fill("New password", PASSWORD)
        self.ways.push("Go on")
        self.come_to("Codes from your phone", "phone")
        spelled = self.page.locator("code.key").inner_text().replace(" ", "")
        self._seed = base64.b32decode(spelled + "=" * (-len(spelled) % 8))
        self.ways.fill("Code", second_factor.code_at(self._seed, datetime.now(UTC)))
        self.ways.push("Go on")
        self.come_to("Your recovery codes")
        self.ways.push("I have kept them")
        self.come_to("Set-up", "set-up")

    def set_up(self) -> None:
        """Say who sends, try the mail server, make the first notice, finish."""
        self.say_who_sends()
        self.ways.push("What readers can choose")
        self.come_to("The first notice", "notice")
        for label, text in NOTICE.items():
            self.ways.fill(label, text)
        for box in ("have numbers", "must name their sources", "must say: ask your doctor"):
            self.ways.tick(box)
        self.ways.push("Save")
        self.come_to("Set-up", "set-up-done")
        self.ways.push("Everything is right")
        self.come_to("Home", "home")

    def say_who_sends(self) -> None:
        """Fill in who sends, and send oneself a test mail; from the set-up and back to it."""
        self.ways.push("Who sends")
        self.come_to("Who sends")
        for label, text in ORGANISATION.items():
            self.ways.fill(label, text)
        self.ways.pick("Your clock is that of", "Edmonton")
        self.look("who-sends")
        self.ways.push("Save")
        self.come_to("Set-up")
        self.ways.push("From where")
        self.come_to("From where")
        self.ways.push("Send the test mail")
        self._be_told("The test mail is on its way.")
        self.ways.push("Set-up")
        self.come_to("Set-up")

    def write(self, piece: Piece) -> None:
        """Write a tip in both languages, with its picture and its sources."""
        self.ways.push("Tips")
        self.come_to("Tips", "tips-empty")
        self.ways.push("New tip")
        self.come_to("New tip", "new-tip")
        self.ways.fill("Number", str(piece.number))
        self.ways.push("Begin the tip")
        self.come_to(f"Tip {piece.number}", "tip-empty")
        for place, side in enumerate((piece.english, piece.french)):
            self._write_side(side, place)
        self._put_picture(piece)
        self._put_sources(piece)
        self.look("tip-written")

    def _write_side(self, side: Side, place: int) -> None:
        self.ways.fill("Title", side.title, place)
        self.ways.fill("Lead", side.lead, place)
        self.ways.fill("Text", side.body, place)
        self.ways.fill("Disclaimer", side.disclaimer, place)
        self.ways.fill("What the picture shows", side.alt, place)
        self.ways.push(("Save the English side", "Save the French side")[place])
        saved = self.page.locator(("#saved-en", "#saved-fr")[place])
        saved.filter(has_text="Saved at").wait_for(timeout=PATIENCE_MS)

    def _put_picture(self, piece: Piece) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.ways.push("Choose a picture")
        chooser.value.set_files(PICTURE)
        self.ways.fill("Made by", piece.creator)
        self.ways.fill("Source", piece.source)
        self.ways.push("Save the picture")
        self.page.get_by_label("Another picture").wait_for(timeout=PATIENCE_MS)

    def _put_sources(self, piece: Piece) -> None:
        """Put the whole list in at once; what is to be mended is looked for by itself."""
        self.ways.fill("Find or add a source", "\n".join(piece.references))
        self.ways.push("Add it as a new source")
        last = f"Cite [{len(piece.references)}] at the cursor"
        self.page.get_by_role("button", name=last).wait_for(timeout=PATIENCE_MS)
        expect(self.page.locator("#source")).to_be_focused()
        expect(self.page.locator("#found")).not_to_contain_text("This stops the mail")

    def review(self, piece: Piece) -> None:
        """Look at the mail, ask for the approval, approve."""
        self.ways.push("Preview")
        self.come_to("Preview")
        shown = self.page.frame_locator("iframe").locator("h1")
        expect(shown).to_have_text(piece.english.title, timeout=PATIENCE_MS)
        self.look("preview")
        self.ways.push("Back to: Tip")
        self.come_to(f"Tip {piece.number}")
        self.ways.push("Ask for its approval")
        self._be_told("approval")
        self.look("asked")
        self.ways.push("Approve the tip")
        self._be_told("The tip is approved.")
        self.look("approved")

    def schedule(self, piece: Piece) -> None:
        """Send oneself a test mail, choose "now", look once more, schedule."""
        self.ways.push("Send it to its readers")
        self.come_to(f"Send: Tip {piece.number}")
        self.ways.push("Send me a test mail")
        self._be_told("The test mail is on its way to you.")
        self.look("send")
        self.ways.choose("At the next free slot", 2, "Now: in ten minutes")
        self.ways.push("Look at it once more")
        self.come_to(f"Look once more: Tip {piece.number}", "once-more")
        self.ways.push("Schedule it")
        self._be_told("Scheduled.")
        self.look("scheduled")

    def see_it_go(self) -> None:
        """Watch the campaign until it has ended; the page says so by itself."""
        state = self.page.locator("#moving .state")
        state.filter(has_text="Finished").wait_for(timeout=4 * PATIENCE_MS)
        self._be_told("Finished")
        self.look("went")

    def list_campaigns(self) -> None:
        """Go to what is to come and what has ended."""
        self.ways.push("Campaigns")
        self.come_to("Campaigns", "campaigns")

    def come_home(self, piece: Piece) -> None:
        """Go to the first page, which says what went out last."""
        self.ways.push("Home")
        self.come_to("Home")
        expect(self.page.get_by_role("main")).to_contain_text(f"Tip {piece.number}: {piece.english.title}")
        self.look("went-last")

    def _be_told(self, words: str) -> None:
        """See that the page says what was done."""
        expect(self.page.locator("#status")).to_contain_text(words, timeout=PATIENCE_MS)
