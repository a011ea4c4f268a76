"""Every link of every mail, opened by whatever opens links before the reader does: nothing happens."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from newsletter_app.kernel.addresses import parse_address
from newsletter_app.subscriptions import add_by_staff
from newsletter_app.tables import metadata
from tests.journeys.browser import chromium
from tests.journeys.house import House
from tests.journeys.machine import BEAT, BULK, SERVICE
from tests.journeys.reader import Page, every_link, fetch, mail_links
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.browser]
ROSE, PIA, ANNA, DORA, EVE = (f"{name}@example.org" for name in ("rose", "pia", "anna", "dora", "eve"))
ANNAS_NEW, EVES_NEW, NOBODY = "anna.new@example.org", "eve.new@example.org", "nobody@example.org"
OURS = {ROSE, PIA, ANNA, DORA, EVE, ANNAS_NEW, EVES_NEW, NOBODY}
KINDS = {
    "confirm": 2,
    "welcome": 4,
    "already": 1,
    "link": 2,
    "unknown": 1,
    "goodbye": 1,
    # To the new address twice, to the old before the change three times and after it once, to a taken one.
    "address": 7,
}
PLACES = {"confirm", "choices", "stop", "restart", "address", "tips", "fr", "subscribe"}
STAYS_MS = 4_000


def test_opening_every_link_changes_nothing(house: House) -> None:
    """Scanners ask by GET, HEAD and OPTIONS, and run the page's scripts: the database stays as it is (S7)."""
    _write_every_mail(house)
    links = _links(house)
    assert {urlsplit(link).path.split("/")[1] for link in links} >= PLACES
    # The heartbeats of those who work are no answer to anybody.
    with house.machine.held(SERVICE, BULK, BEAT):
        before = _rows(house)
        for link in links:
            found = {fetch(link, method=method).status for method in ("GET", "HEAD", "OPTIONS")}
            assert found == {200}, link
        assert _methods_of_a_browser(links) == {"GET"}
        assert _rows(house) == before  # S7, M29


def _write_every_mail(house: House) -> None:
    number = house.next_tip()
    _add_by_staff(house, ANNA, DORA, EVE)
    house.sign_up(ROSE, "/fr/abonnement")
    house.sign_up(PIA)
    house.sign_up(ANNA, keys=("tips", "news"))
    house.ask_for_link(NOBODY)
    fetch(_link(house, ROSE, "/confirm/")).press("Oui, abonnez-moi")
    fetch(_link(house, DORA, "/stop/")).press("Stop Health tips")
    _move(house, ANNA, ANNAS_NEW)
    _move(house, EVE, ANNA, EVES_NEW)
    fetch(_link(house, EVES_NEW, "/address/")).press("Yes, use this address")
    house.publish(number)
    house.wait_until_finished(number)
    until(lambda: _sent(house) == KINDS, f"every kind of mail: {KINDS}")


def _add_by_staff(house: House, *addresses: str) -> None:
    tips = house.notice_ids()["tips"]
    with house.ports() as ports, ports.unit_of_work() as session:
        for address in addresses:
            add_by_staff(
                session,
                parse_address(address),
                [tips],
                "en",
                source="phone",
                by="eve@example.org",
                wording="Health tips",
                hash_key=ports.settings.hash_key,
                now=ports.clock(),
            )


def _move(house: House, address: str, *to: str) -> Page:
    """Ask for a fresh link and, on its page, for a change of address; the name is set there too."""
    house.ask_for_link(address)
    page = fetch(_link(house, address, "Here is your link"))
    page = page.press("Save the name", name=f"Quistrella {address[:4]}")
    for new in to:
        page = page.press("Save the address", address=new)
        assert "Now open your email at the new address" in page.html
    return page


def _link(house: House, address: str, mark: str) -> str:
    """Wait for a mail to ``address`` with a link, or words, like ``mark``; return its link."""

    def find() -> list[str]:
        for mail in house.mails_to(address):
            if mark.startswith("/") and (found := mail_links(mail, mark)):
                return found
            if not mark.startswith("/") and mark in str(mail.get_body(("plain",))):
                return mail_links(mail, "/choices/")
        return []

    return until(find, f"a mail with {mark}")[0]


def _sent(house: House) -> dict[str, int]:
    rows = house.machine.rows("SELECT kind, address FROM service_mails WHERE state = 'accepted'")
    return dict(Counter(row["kind"] for row in rows if row["address"] in OURS))


def _links(house: House) -> list[str]:
    """Return every address of ours in every mail."""
    mails = [mail for address in OURS for mail in house.mails_to(address)]
    found = {link for mail in mails for link in every_link(mail)}
    found |= {str(mail["List-Unsubscribe"]).strip("<>") for mail in mails if "List-Unsubscribe" in mail}
    return sorted(link for link in found if link.startswith(house.machine.url))


def _rows(house: House) -> dict[str, list[Any]]:
    with house.machine.engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table)).all()))
            for name, table in metadata.tables.items()
        }


def _methods_of_a_browser(links: list[str]) -> set[str]:
    """Open each link in a tab of its own, leave all of them open for four seconds, and say what left."""
    methods = set()
    with chromium() as browser:
        context = browser.new_context()
        context.on("request", lambda request: methods.add(request.method))
        for link in links:
            context.new_page().goto(link)
        # The wait is what is tried here: nothing on these pages presses a button by itself.
        context.pages[-1].wait_for_timeout(STAYS_MS)
    return methods
