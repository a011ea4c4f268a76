"""Debian's Chromium, driven by the keyboard alone or left to itself; it reaches no other machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ElementHandle, Page, TimeoutError, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000
MOST_TABS = 80
# A hand that types: the form takes whoever is done within two seconds for a machine (S4).
TYPING_MS = 160
# What a person hears or reads of the element that has the focus.
NAME_OF = """element => [
    element.getAttribute("aria-label") || "",
    ...[...(element.labels || [])].map(label => label.innerText),
    element.innerText || "",
].join(" ").replace(/\\s+/g, " ").trim()"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Hands:
    """Somebody at the keyboard who never touches a mouse."""

    def __init__(self, page: Page) -> None:
        """Sit down at ``page``."""
        self.page = page

    @property
    def heading(self) -> str:
        """Return the first heading's words."""
        return " ".join(self.page.locator("h1").first.inner_text().split())

    def reach(self, words: str, kind: str = "") -> None:
        """Press Tab until the focus is on something that says ``words`` (of this tag or type, if told)."""
        seen = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            element = self._focused()
            if element is None or element.evaluate("element => element === document.body"):
                continue  # Behind the last element the focus leaves the page and comes back.
            said = str(element.evaluate(NAME_OF))
            seen.append(said)
            if words in said and kind in (*self._kinds(element), ""):
                return
        raise AssertionError(f"{words!r} cannot be reached by Tab on {self.page.url}: {seen}")

    def press(self, words: str, heading: str) -> None:
        """Reach a link or button, press Enter, and wait for the page with this heading."""
        self.reach(words)
        self.page.keyboard.press("Enter")
        self.wait_for(heading)

    def wait_for(self, heading: str) -> None:
        """Wait for the page with this heading. Raises AssertionError with what stands there instead."""
        try:
            self.page.locator("h1", has_text=heading).first.wait_for(timeout=PATIENCE_MS)
        except TimeoutError as late:
            raise AssertionError(f"{heading!r} did not come: {self.page.url} says {self.heading!r}") from late

    def type(self, text: str) -> None:
        """Type at a person's pace."""
        self.page.keyboard.type(text, delay=TYPING_MS)

    def _focused(self) -> ElementHandle | None:
        frame = self.page.main_frame
        while True:
            element = frame.evaluate_handle("document.activeElement").as_element()
            inner = element.content_frame() if element else None
            if element is None or inner is None:
                return element
            frame = inner

    def _kinds(self, element: ElementHandle) -> list[Any]:
        return [element.evaluate("element => element.localName"), element.get_attribute("type")]
