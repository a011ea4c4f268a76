"""``make screenshots``: a volunteer's week on a machine of its own, and the pictures of it in docs/guide."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image as Picture
from playwright.sync_api import Page

from tests.journeys.browser import chromium
from tests.journeys.house import House, open_house
from tests.journeys.machine import ROOT
from tests.journeys.test_sending_desk import let_ten_minutes_pass
from tests.journeys.volunteer import ByTouch, Volunteer
from tests.journeys.week import PIECE

GUIDE = ROOT / "docs" / "guide"
WINDOW = {"width": 1100, "height": 760}
COLOURS = 64
READERS = 12
GONE = {"rcpt": "550 5.1.1 No such person here"}
# With a little room above, so that no heading is cut.
SCROLL = """part => {
  const place = document.getElementById(part);
  window.scrollTo(0, place ? place.getBoundingClientRect().top + window.scrollY - 24 : 0);
}"""
# The page that is come to → its pictures, each from the part of the page with this id on.
PICTURES: dict[str, dict[str, str]] = {
    "set-up": {"set-up": ""},
    "who-sends": {"who-sends": ""},
    "new-tip": {"monday-new-tip": ""},
    "tip-written": {
        "monday-write": "side-en",
        "monday-picture": "picture-of",
        "monday-references": "references",
    },
    "preview": {"tuesday-preview": ""},
    "asked": {"tuesday-approve": "steps"},
    "send": {"wednesday-send": "rehearse"},
    "once-more": {"wednesday-look": ""},
    "scheduled": {"wednesday-scheduled": ""},
    "went": {"friday-went": "moving"},
    "campaigns": {"friday-campaigns": ""},
    "went-last": {"friday-home": ""},
}


@dataclass
class Painter:
    """Makes the pictures of the pages that it is told of."""

    page: Page

    def __call__(self, name: str) -> None:
        """Make what pictures there are to be of this page."""
        for file, part in PICTURES.get(name, {}).items():
            self.paint(file, part)

    def paint(self, file: str, part: str = "") -> None:
        """Keep what the window shows from ``part`` on, in few colours: a file of some ten kilobytes."""
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate(SCROLL, part)
        shown = Picture.open(BytesIO(self.page.screenshot())).convert("RGB")
        shown.quantize(COLOURS).save(GUIDE / f"{file}.png", optimize=True)


def main() -> None:
    """Live through the week; every picture of docs/guide is made anew."""
    GUIDE.mkdir(exist_ok=True)
    for old in GUIDE.glob("*.png"):
        old.unlink()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        house = open_house(stack, folder, is_founded=False)
        link = re.search(r"http\S+", house.machine.flask("staff", "begin"))
        assert link is not None
        browser = stack.enter_context(chromium())
        page = browser.new_context(locale="en", viewport=WINDOW, has_touch=True).new_page()
        _live(house, page, link[0])


def _live(house: House, page: Page, link: str) -> None:
    painter = Painter(page)
    volunteer = Volunteer(ByTouch(page), painter)
    volunteer.begin(link, "rose@example.org")
    volunteer.set_up()
    *_others, gone = house.add_readers_of_one_shard(READERS)
    house.server.obey({gone: GONE})
    volunteer.write(PIECE)
    volunteer.review(PIECE)
    volunteer.schedule(PIECE)
    let_ten_minutes_pass(house, PIECE.number)
    volunteer.see_it_go()
    volunteer.list_campaigns()
    volunteer.come_home(PIECE)
    page.goto(f"{house.machine.url}/{PIECE.number}")
    painter.paint("thursday-reader")


if __name__ == "__main__":
    main()
