"""The outbox: only in a try-out, only from this machine, and the button that makes the next tip due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from config import Settings
from newsletter_app import campaigns
from newsletter_app.campaigns import Campaign
from newsletter_app.notices import find as find_notice
from newsletter_app.outbox import OutboxMessage
from tests.factories import content, people
from tests.web.conftest import World
from tests.web.dom import Page

HERE = "http://127.0.0.1:8000"
MAIL = (
    b"From: Society <tips@example.org>\r\nTo: rose@example.ca\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPress http://127.0.0.1:8000/confirm/abc\r\n"
    b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<html><head><title>x</title></head><body><script>1</script><p>Hello</p></body></html>\r\n--x--\r\n"
)


@pytest.fixture
def here(make_world: Callable[[Settings], World], tryout: Settings) -> World:
    """Give a try-out with one mail and one tip scheduled for tomorrow."""
    world = make_world(tryout)
    with world.write() as session:
        people.three_notices(session, world.clock())
        session.add(
            OutboxMessage(
                key="s:1",
                sender="b@example.org",
                recipient="rose@example.ca",
                message=MAIL,
                created_at=world.clock(),
            )
        )
        notice = find_notice(session, 1)
        assert notice is not None
        tip = content.make_tip(session, notice, 5, world.clock())
        due_at = world.clock() + timedelta(days=1)
        campaigns.schedule(session, tip, due_at=due_at, by="test", now=world.clock())
    return world


@pytest.mark.parametrize(
    ("lang", "strip"), [("en", "Try-out: emails stay"), ("fr", "Essai\u00a0: les courriels")]
)
def test_strip_stands_on_every_page(here: World, lang: str, strip: str) -> None:
    english, french = ["/outbox", "/tips", "/nothing"], ["/outbox?lang=fr", "/fr/conseils", "/fr/rien"]
    for path in french if lang == "fr" else english:
        assert strip in here.client.get(path, base_url=HERE).text


def test_mails_are_listed_and_shown(here: World) -> None:
    page = Page(here.client.get("/outbox", base_url=HERE).text)
    row = next(one for one in page.all("a") if "/outbox/1" in one["href"])
    assert row.text.startswith("Café")
    mail = here.client.get(row["href"], base_url=HERE)
    shown = Page(mail.text)
    assert "To: rose@example.ca" in shown.one("main").text
    assert shown.all("a", href="http://127.0.0.1:8000/confirm/abc")
    frame = shown.one("iframe")
    assert frame["sandbox"] == "allow-top-navigation-by-user-activation"
    assert "frame-src 'self'" in mail.headers["Content-Security-Policy"]
    part = here.client.get(frame["src"], base_url=HERE)
    assert "script-src 'none'" in part.headers["Content-Security-Policy"]
    assert "sandbox" in part.headers["Content-Security-Policy"]
    assert '<base target="_top">' in part.text


def test_next_tip_is_made_due_now(here: World) -> None:
    page = Page(here.client.get("/outbox", base_url=HERE).text)
    assert "Send the next tip now" in [one.text for one in page.all("button")]
    for _ in range(2):
        answer = here.client.post("/outbox", base_url=HERE, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303
    with here.write() as session:
        assert session.scalars(select(Campaign.due_at)).all() == [here.clock()]
    assert "Send the next tip now" not in here.client.get("/outbox", base_url=HERE).text


@pytest.mark.parametrize("path", ["/outbox", "/outbox/1", "/outbox/1/html"])
@pytest.mark.parametrize(
    ("base_url", "client"),
    [(HERE, "192.0.2.1"), ("http://rebound.example:8000", "127.0.0.1"), ("http://192.0.2.9", "127.0.0.1")],
)
def test_strangers_find_nothing(here: World, path: str, base_url: str, client: str) -> None:
    answer = here.client.get(path, base_url=base_url, environ_overrides={"REMOTE_ADDR": client})
    assert answer.status_code == 404


def test_product_in_use_has_no_outbox(world: World) -> None:
    for path in ("/outbox", "/outbox/1"):
        assert world.get(path).status_code == 404
    assert world.post("/outbox").status_code == 404
    assert "Try-out" not in world.get("/").text


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_shows_nobody_the_mails(here: World, name: str) -> None:
    for method in ("GET", "POST"):
        answer = here.client.open("/outbox", method=method, base_url=HERE, headers={name: "192.0.2.1"})
        assert answer.status_code == 404  # S19: the visitor is not the one who asks
