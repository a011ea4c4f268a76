"""A tip sent from the console by keyboard alone: tried, scheduled, taken back, scheduled again, watched."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from itsdangerous import URLSafeSerializer
from playwright.sync_api import Browser

from newsletter_app import identity
from newsletter_app.campaigns import find_by_occurrence
from newsletter_app.identity import Staff
from newsletter_app.web.staff import cookie
from tests.factories.staff import make_staff
from tests.journeys.browser import PATIENCE_MS, Hands, chromium
from tests.journeys.conftest import on_each_set
from tests.journeys.house import House
from tests.journeys.reader import mail_links, mail_text, one_click
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.browser, on_each_set]
EVE = "eve@example.org"
READERS = 3


def test_a_tip_is_sent_by_keyboard_and_watched_to_its_end(house: House) -> None:  # S24, A3, A6
    house.add_notice("desk")
    readers = house.add_readers_of_one_shard(READERS, "desk")
    number = house.next_tip("desk")
    with chromium() as browser:
        hands = sit_down(house, browser)
        try_it(house, hands, number)
        schedule(hands, number)
        assert house.state_of(number) == "scheduled"
        hands.press("Take it back", f"Tip {number}:")
        until(lambda: house.state_of(number) == "cancelled", "it is taken back")
        hands.page.goto(f"{house.machine.url}/console/campaigns")
        hands.press(f"Tip {number}:", f"Send: Tip {number}")
        schedule(hands, number)
        let_ten_minutes_pass(house, number)
        watch(hands)
    house.wait_until_finished(number)
    assert all(len(house.mails_to(reader)) == 1 for reader in readers)


def sit_down(house: House, browser: Browser) -> Hands:
    """Be signed in as a publisher, at the list of campaigns."""
    with house.ports() as ports, ports.unit_of_work() as session:
        now = ports.clock()
        known = identity.by_address(session, EVE, hash_key=ports.settings.hash_key)
        eve: Staff = known or make_staff(session, "publisher", now, address=EVE)
        key = identity.sessions.begin(session, eve, "full", agent="Chromium", now=now)
        signer = URLSafeSerializer(ports.settings.secret_key, salt=cookie.SALT)
        text = str(signer.dumps([key, int(now.timestamp())]))
    context = browser.new_context()
    context.add_cookies([{"name": cookie.NAME, "value": text, "url": house.machine.url}])
    hands = Hands(context.new_page())
    hands.page.goto(f"{house.machine.url}/console/campaigns")
    return hands


def try_it(house: House, hands: Hands, number: int) -> None:
    """Send oneself both test mails; whoever stops by one of them stops nobody."""
    before = len(house.mails_to(EVE))
    hands.press(f"Tip {number}:", f"Send: Tip {number}")
    hands.press("Send me a test mail", f"Send: Tip {number}")
    hands.page.get_by_text("Somebody has seen it as it is now.").wait_for(timeout=PATIENCE_MS)

    def tests() -> dict[str, EmailMessage]:
        """Return the test mails by subject: in either order, and staff are told of other things besides."""
        mails, names = house.mails_to(EVE)[before:], (f"Tip {number}:", f"Conseil {number}")
        return {mail["Subject"]: mail for mail in mails if mail["Subject"].startswith(names)}

    until(lambda: len(tests()) == 2, "two test mails")
    mails = tests()
    mail = mails[f"Tip {number}: Walk after meals {number}"]
    assert "Five minutes are enough" in mail_text(mail)
    for link in (mail_links(mail, "/stop/")[0], str(mail["List-Unsubscribe"]).strip("<>")):
        assert one_click(link).status in (200, 410)
    reading = "SELECT count(*) AS n FROM subscriptions t JOIN notices n ON n.id = t.notice_id"
    still = house.machine.rows(f"{reading} WHERE n.key = 'desk' AND t.state = 'active'")
    assert still[0]["n"] == READERS


def schedule(hands: Hands, number: int) -> None:
    """Choose "now" with the arrow keys, look once more, schedule."""
    hands.reach("At the next free slot", "radio")
    for _ in range(2):
        hands.page.keyboard.press("ArrowDown")
    hands.press("Look at it once more", f"Look once more: Tip {number}")
    hands.press("Schedule it", f"Tip {number}:")


def let_ten_minutes_pass(house: House, number: int) -> None:
    """Let the launch be due, as it would be by and by."""
    with house.ports() as ports, ports.unit_of_work() as session:
        campaign = find_by_occurrence(session, f"tip:{number}")
        assert campaign is not None
        assert campaign.due_at - ports.clock() > timedelta(minutes=5)
        campaign.due_at = ports.clock()


def watch(hands: Hands) -> None:
    """The page comes to its end by itself, says so, and asks no more."""
    state = hands.page.locator("#moving .state")
    state.filter(has_text="Finished").wait_for(timeout=4 * PATIENCE_MS)
    assert hands.page.locator("#status").inner_text() == "Finished"
    assert hands.page.locator("#moving").get_attribute("hx-get") is None
    assert hands.page.locator("#undo").count() == 0
