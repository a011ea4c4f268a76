"""What is not sent twice: pages, feeds, lists, pictures and styles; and what is never kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from config import Settings
from newsletter_app import organisation, tips
from newsletter_app.kernel.links import Purpose
from newsletter_app.web.freshness import FORM_S
from newsletter_app.web.known import EXTENSION, Memory
from tests.web.conftest import PATHS, World

PAGES = [
    *("/", "/fr/", "/tips", "/tips?q=walk", "/fr/sujets/pieds", "/tips/2-walk-a-little-2", "/privacy"),
    "/fr/conseils/2-marchez-un-peu-2/imprimer",
]
PROGRAMS = ["/feeds/tips.atom", "/fr/fils/tips.json", "/sitemap.xml"]


def again(world: World, path: str, first: TestResponse, **headers: str) -> TestResponse:
    """Ask for a page as whoever has it already."""
    return world.get(path, headers={"If-None-Match": first.headers["ETag"], **headers})


def test_who_has_it_is_told_so(world: World, tip_numbers: list[int]) -> None:
    for path in [*PAGES, *PROGRAMS, "/robots.txt"]:
        first = world.get(path)
        kept = again(world, path, first)
        assert (first.status_code, kept.status_code, kept.data) == (200, 304, b""), path
        # A browser takes the headers of a 304 for those of the page it keeps (RFC 9111 3.2).
        for name in ("ETag", "Cache-Control", "Content-Security-Policy"):
            assert kept.headers[name] == first.headers[name]  # S25
        assert kept.headers.get("Vary") == first.headers.get("Vary")
        assert kept.headers["X-Content-Type-Options"] == "nosniff"  # S25
        whole = {"base_url": "https://news.example.org"}
        assert world.client.head(path, **whole).headers["ETag"] == first.headers["ETag"]
    assert world.get("/tips").headers["Cache-Control"] == "no-cache"
    assert world.get("/sitemap.xml").headers["Cache-Control"] == "public, max-age=600"


def test_nothing_is_rendered_for_it(world: World, tip_numbers: list[int]) -> None:
    # What is known is read anew each second, which on a busy machine passes between two answers.
    world.app.extensions[EXTENSION] = Memory(monotonic=lambda: 0.0)
    for path in [*PAGES, *PROGRAMS]:
        first = world.get(path)
        asked: list[str] = []

        def note(*told: Any, asked: list[str] = asked) -> None:
            asked.append(told[2])

        event.listen(world.ports.engine, "before_cursor_execute", note)
        assert again(world, path, first).status_code == 304
        event.remove(world.ports.engine, "before_cursor_execute", note)
        statements = [one for one in asked if one.startswith("SELECT")]
        assert [one for one in statements if "tip_standing" not in one] == [], path
        assert len(statements) == 1


def test_a_change_is_seen_at_once(world: World, tip_numbers: list[int]) -> None:
    first = {path: world.get(path) for path in [*PAGES, *PROGRAMS]}
    with world.write() as session:
        tip = tips.find_by_number(session, 1)
        assert tip is not None
        tips.withdraw(session, tip, "It is wrong.", world.clock())
    second = {path: again(world, path, answer) for path, answer in first.items()}
    assert {answer.status_code for answer in second.values()} == {200}
    with world.write() as session:
        organisation.set_words(session, "en", name="Sample Society")
    third = {path: again(world, path, answer) for path, answer in second.items()}
    assert {answer.status_code for answer in third.values()} == {200}


def test_another_public_address_is_seen(
    world: World, settings: Settings, make_world: Callable[[Settings], World], tip_numbers: list[int]
) -> None:
    """Feeds, canonical links and the words to pass on hold it, and old addresses may still be asked."""
    first = {path: world.get(path) for path in ("/tips/2-walk-a-little-2", *PROGRAMS)}
    moved = make_world(replace(settings, public_url="https://tips.example.org"))
    for path, answer in first.items():
        assert again(moved, path, answer).status_code == 200, path


def test_a_page_differs_by_the_readers_text_size(world: World, tip_numbers: list[int]) -> None:
    first = world.get("/tips")
    assert first.headers["Vary"] == "Cookie"
    for size, code in (("large", 200), ("normal", 304)):
        client = world.client
        client.set_cookie("text_size", size, domain="news.example.org")
        headers = {"If-None-Match": first.headers["ETag"]}
        answer = client.get("/tips", base_url="https://news.example.org", headers=headers)
        assert answer.status_code == code
    assert "Vary" not in world.get("/feeds/tips.atom").headers


def test_a_form_is_younger_than_its_token(world: World, tip_numbers: list[int]) -> None:
    first = world.get("/tips/2-walk-a-little-2")
    world.clock.forward(seconds=FORM_S)
    assert again(world, "/tips/2-walk-a-little-2", first).status_code == 200
    feed = world.get("/feeds/tips.atom")
    world.clock.forward(seconds=FORM_S)
    assert again(world, "/feeds/tips.atom", feed).status_code == 304
    world.clock.forward(hours=12)
    assert again(world, "/feeds/tips.atom", feed).status_code == 200  # the next day


@pytest.mark.parametrize("path", ["/tips/99", "/topics/nothing", "/2", "/tips?number=2", "/feeds/x.atom"])
def test_what_is_not_there_is_not_kept(world: World, tip_numbers: list[int], path: str) -> None:
    answer = world.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code in (302, 404)
    assert "ETag" not in answer.headers


def test_pages_behind_a_link_are_kept_by_nobody(
    world: World, links: dict[Purpose, str], tip_numbers: list[int]
) -> None:
    tag = world.get("/").headers["ETag"]
    for purpose, token in links.items():
        answer = world.get(PATHS[purpose] + token, headers={"If-None-Match": tag})
        assert answer.headers["Cache-Control"] == "no-store", purpose  # S10
        assert "ETag" not in answer.headers
    for path in ("/subscribe", "/change"):
        assert "ETag" not in world.get(path).headers


def test_styles_and_scripts_are_asked_about_once_a_year(world: World) -> None:
    for name in ("site.css", "print.css", "tip.js", "zone.js"):
        with world.get(f"/static/{name}") as first:
            headers = {"If-Modified-Since": first.headers["Last-Modified"]}
            assert "max-age=31536000" in first.headers["Cache-Control"]
        with world.get(f"/static/{name}", headers=headers) as kept:
            assert kept.status_code == 304
