"""A charity's first tip, from the terminal's one link to "it went": by keyboard alone, and on a phone."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.browser import chromium
from tests.journeys.house import House, open_house
from tests.journeys.reader import mail_text
from tests.journeys.test_sending_desk import let_ten_minutes_pass
from tests.journeys.volunteer import ByKeyboard, ByTouch, Piece, Volunteer
from tests.journeys.week import PIECE
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.browser]
ROSE, ANNA = "rose@example.ca", "anna@example.org"
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def test_tips_go_out_without_a_terminal(tmp_path: Path) -> None:  # A3, A5, A6, S24
    """All of it by keyboard at 1280 px; then, signed in, again at 360 px by touch, with a tip of its own."""
    with ExitStack() as stack:
        house = open_house(stack, tmp_path, is_founded=False)
        link = re.search(r"http\S+", house.machine.flask("staff", "begin"))
        assert link is not None
        browser = stack.enter_context(chromium())
        page = browser.new_context(locale="en", **DESK).new_page()
        refused = complaints(page)
        volunteer = Volunteer(ByKeyboard(page))
        volunteer.begin(link[0], ROSE)
        volunteer.set_up()
        house.add_reader(ANNA)
        send(house, volunteer, PIECE)
        phone = browser.new_context(storage_state=page.context.storage_state(), **PHONE).new_page()
        refused_there = complaints(phone)
        phone.goto(f"{house.machine.url}/console/set-up")
        volunteer = Volunteer(ByTouch(phone))
        volunteer.say_who_sends()
        send(house, volunteer, replace(PIECE, number=PIECE.number + 1))
        assert (refused, refused_there) == ([], [])


def send(house: House, volunteer: Volunteer, piece: Piece) -> None:
    """Write a tip and send it; it arrives as it was written."""
    volunteer.write(piece)
    volunteer.review(piece)
    volunteer.schedule(piece)
    let_ten_minutes_pass(house, piece.number)
    volunteer.see_it_go()
    volunteer.come_home(piece)
    went = f"It went out: Tip {piece.number}: {piece.english.title}"
    until(lambda: went in [str(told["Subject"]) for told in house.mails_to(ROSE)], "the mail that it went")
    mail = house.mails_to(ANNA)[-1]
    assert mail["Subject"] == f"Tip {piece.number}: {piece.english.title}"
    words = " ".join(mail_text(mail).split())
    assert all(part in words for part in (piece.english.disclaimer, "Roy I, Kim K. Wool.", piece.creator))


def complaints(page: Page) -> list[str]:
    """Return what the browser will have refused or missed, as it comes to know it."""
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    return told
