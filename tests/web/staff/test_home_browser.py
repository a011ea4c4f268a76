"""Home, figures and one's mails in a real browser: axe, any width, and the board's month on one sheet."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser

from newsletter_app import campaigns, ledger, notices
from newsletter_app.figures import ALL, DailyFigure
from tests.factories.content import make_tip
from tests.web.conftest import World
from tests.web.staff.conftest import Desks
from tests.web.staff.test_desk_browser import browser, listener, look, seen, served, settings

__all__ = ["browser", "listener", "served", "settings"]

pytestmark = [pytest.mark.browser]
PAGES = ("", "/board/2026-02", "/board/2026-03", "/account")


@pytest.fixture
def empty(world: World) -> World:
    """Serve the application with its organisation and notices, and something to see on each page."""
    now = world.clock()
    with world.write() as session:
        ledger.lock_sending(session, ledger.RESTORED, "", now)
        known = notices.offered(session)
        for number, days in ((77, 1), (78, 8)):
            tip = make_tip(session, known[0], number, now)
            due_at = now + timedelta(days=days)
            campaigns.schedule(session, tip, due_at=due_at, by="eve@example.org", now=now)
        for day, readers in ((date(2026, 1, 31), 1_234_000), (date(2026, 2, 28), 1_234_567)):
            for each in (ALL, *(notice.id for notice in known)):
                session.add(DailyFigure(day=day, notice_id=each, readers=readers, joined=4000, left=612))
    return world


def test_axe_widths_and_one_sheet(served: World, browser: Browser, desk: Desks) -> None:  # A1, A2, A4, A5
    url = served.ports.settings.public_url
    owner = desk("owner")
    faults = []
    for language in ("en", "fr"):
        owner.post("/console/language", {"language": language}, headers={"Origin": url})
        page = seen(browser)
        cookie = owner.client.get_cookie("desk", domain="127.0.0.1")
        assert cookie is not None
        page.context.add_cookies([{"name": "desk", "value": cookie.value, "url": url}])
        for path in PAGES:
            faults += look(page, f"{url}/console{path}", language)
        page.goto(f"{url}/console/board/2026-02")
        sheets = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
        assert len(sheets) == 1
    assert faults == []
