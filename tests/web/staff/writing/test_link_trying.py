"""The button *Try the links*: what it finds is kept and shown, it is bounded, no transaction waits for it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from flask import Flask

from newsletter_app import identity, organisation, preflight, tips
from newsletter_app.adapters.redis_counts import Counts
from newsletter_app.web.public.limits import EXTENSION
from newsletter_app.web.staff.writing.link_trying import MOST
from tests.fakes.web_server import PUBLIC, WebServer, web_server
from tests.web.conftest import World
from tests.web.staff.conftest import Desks
from tests.web.staff.writing.test_edit import save, texts

GONE = "http://gone.example/a"
TRIED = "The links were tried."


@pytest.fixture
def web(world: World) -> Iterator[WebServer]:
    """Give the web that links lead to: our own site is well, and one page is gone."""
    with world.write() as session:
        organisation.set_facts(session, website="http://us.example/", donation_url="http://us.example/")
    with web_server() as server:
        server.names = {"gone.example": [PUBLIC], "us.example": [PUBLIC]}
        server.answers = {"/": (200, {}, b"")}
        world.app.extensions["fetcher"] = server.fetcher()
        yield server


@pytest.fixture
def linking(world: World, desk: Desks, draft: int) -> int:
    """Give the id of a draft with a link to a page that is gone, and no source on the web."""
    with world.write() as session:
        tip = tips.find(session, draft)
        assert tip is not None
        tip.citations[0].reference.doi = None
    save(desk("editor"), draft, texts(body=f"Read [how to walk]({GONE}).[^1]") | {"base": "1"})
    return draft


def a_minute_later(app: Flask) -> None:
    """Let a minute pass: nothing is counted any more."""
    app.extensions[EXTENSION] = Counts(app.extensions["ports"].settings.redis_client_url)


def test_what_it_finds_is_kept_and_stops_the_tip(
    world: World, desk: Desks, linking: int, web: WebServer
) -> None:
    # M57, S16
    editor, url = desk("editor"), f"/console/tips/{linking}/checks"
    before = editor.get(url).text
    assert "Links that were not tried in the last 30 days: 2" in before
    assert "leads nowhere" not in before
    answer = editor.post(f"{url}/links")
    assert (answer.status_code, answer.location) == (303, f"{url}?said=links-tried")
    after = editor.get(answer.location).text
    assert TRIED in after
    assert f"English: a link leads nowhere: “how to walk” → {GONE} (404, 2026-03-02). Correct it" in after
    assert after.index("This stops the mail") < after.index("leads nowhere")
    assert "not tried in the last 30 days" not in after
    with world.write() as session:
        person = identity.by_address(session, "editor@example.org", hash_key=world.ports.settings.hash_key)
        assert person is not None
        person.language = "fr"
    in_french = desk("editor").get(url).text.replace("\u00a0", " ")
    assert f"Anglais : un lien ne mène nulle part : “how to walk” → {GONE}" in in_french
    sending = desk("publisher").get(f"/console/tips/{linking}/send/check?when=now&notice=1").text
    assert "a link leads nowhere" in sending


def test_it_is_let_pass_for_a_reason(world: World, desk: Desks, linking: int, web: WebServer) -> None:
    publisher, url = desk("publisher"), f"/console/tips/{linking}/checks"
    publisher.post(f"{url}/links")
    publisher.post(url, {"code": "link-gone", "where": "en", "reason": "Back on Monday."})
    told = publisher.get(url).text
    assert "leads nowhere" not in told
    assert "Back on Monday." in told


def test_it_is_pressed_once_a_minute(world: World, desk: Desks, linking: int, web: WebServer) -> None:
    editor, url = desk("editor"), f"/console/tips/{linking}/checks/links"
    editor.post(url)
    asked = len(web.asked)
    assert editor.post(url).location.endswith("said=links-tried-lately")
    assert len(web.asked) == asked
    a_minute_later(world.app)
    assert editor.post(url).location.endswith("said=links-tried")
    assert len(web.asked) > asked


def test_what_is_left_is_told_and_comes_next(world: World, desk: Desks, linking: int, web: WebServer) -> None:
    """So many links a press; those that nobody tried come first."""
    editor, url = desk("editor"), f"/console/tips/{linking}/checks"
    hosts = {f"h{at}.example" for at in range(MOST + 1)}
    web.names |= {host: [PUBLIC] for host in hosts}
    body = " ".join(f"[{host} of ours](http://{host}/)" for host in hosts)
    save(editor, linking, texts(body=body) | {"base": "2"})
    editor.post(f"{url}/links")
    assert len({host for _method, host, _path in web.asked}) == MOST
    assert "not tried in the last 30 days: 2" in editor.get(url).text
    a_minute_later(world.app)
    editor.post(f"{url}/links")
    assert {host for _method, host, _path in web.asked} == {*hosts, "us.example"}
    assert "not tried in the last 30 days" not in editor.get(url).text


def test_others_write_while_it_waits(world: World, desk: Desks, linking: int, web: WebServer) -> None:
    """SQLite has one writer: whoever held it for nine seconds would hold up every reader's stop."""
    written = []

    def write(connection: socket.socket) -> None:
        with world.write() as session:
            written.append(organisation.set_facts(session, phone="1 800 555-0199").phone)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    web.talk = write
    assert desk("editor").post(f"/console/tips/{linking}/checks/links").location.endswith("links-tried")
    assert len(written) == 2


def test_without_a_web_nothing_is_kept(world: World, desk: Desks, draft: int, web: WebServer) -> None:
    """Three servers in silence, and nobody else: it is we who cannot be reached."""
    web.names.clear()
    editor, url = desk("editor"), f"/console/tips/{draft}/checks"
    body = f"[a walk]({GONE}) [a run](http://run.example/)"
    save(editor, draft, texts(body=body) | {"base": "1"})
    assert editor.post(f"{url}/links").location.endswith("said=nobody-answered")
    with world.write() as session:
        assert preflight.tries_of(session, [GONE], world.clock()) == {}


def test_only_who_writes_may_press(world: World, desk: Desks, linking: int, web: WebServer) -> None:
    viewer, url = desk("viewer"), f"/console/tips/{linking}/checks"
    assert "Try the links" not in viewer.get(url).text
    assert viewer.post(f"{url}/links").status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert desk("editor").post(f"{url}/links", headers=foreign).status_code == 403  # S26
    assert web.asked == []


def test_a_dead_link_leads_to_where_it_was_typed(
    world: World, desk: Desks, draft: int, web: WebServer
) -> None:
    """To the text or the references; the organisation's own links stand in no part of the tip."""
    web.answers.clear()
    with world.write() as session:
        tip = tips.find(session, draft)
        assert tip is not None
        tip.citations[0].reference.doi, tip.citations[0].reference.url = None, "http://us.example/source"
    editor, url = desk("editor"), f"/console/tips/{draft}"
    save(editor, draft, texts(body=f"Read [how to walk]({GONE}).[^1]") | {"base": "1"})
    editor.post(f"{url}/checks/links")
    page = editor.page(f"{url}/checks")
    led = {one["href"] for one in page.elements if one["href"].startswith(f"{url}#")}
    assert led == {f"{url}#body_en", f"{url}#references"}
    assert editor.get(f"{url}/checks").text.count("a link leads nowhere") > len(led)


def test_it_stands_in_what_is_written_of_a_published_tip(
    world: World, desk: Desks, on_the_web: int, web: WebServer
) -> None:
    """Readers do not see it yet, and the editor is led to it."""
    editor, url = desk("editor"), f"/console/tips/{on_the_web}"
    save(editor, on_the_web, texts(body=f"Read [how to walk]({GONE}).[^1]") | {"base": "1"})
    editor.post(f"{url}/checks/links")
    assert f"{url}#body_en" in {one["href"] for one in editor.page(f"{url}/checks").elements}
