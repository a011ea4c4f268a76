"""Headers, foreign sites, forged hosts, error pages, logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from flask import abort
from sqlalchemy import URL

from config import Settings
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscriptions import find_signup
from tests.factories import people
from tests.web.conftest import PATHS, PUBLIC_URL, World
from tests.web.dom import Page
from tests.web.test_subscribe import fill

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}


def test_every_answer_carries_the_headers(world: World, every_page: dict[str, str]) -> None:
    answers = [world.get(path) for path in every_page.values()]
    answers += [world.post("/subscribe", {}), world.post("/privacy"), world.get("/healthz")]
    answers += [world.post("/change", headers={"Sec-Fetch-Site": "cross-site"})]
    assert {answer.status_code for answer in answers} >= {200, 403, 404, 405, 422, 503}
    for answer in answers:
        for name, text in EVERYWHERE.items():
            assert answer.headers[name] == text, answer.request.path  # S25
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy
        assert "Permissions-Policy" in answer.headers
        assert answer.headers["Referrer-Policy"] in ("no-referrer", "strict-origin-when-cross-origin")
        assert "Access-Control-Allow-Origin" not in answer.headers  # S26


SCRIPTS = {
    "tip": ["/static/tip.js", "/static/zone.js"],
    "print": ["/static/tip.js"],
    "subscribe": ["/static/zone.js"],
}


def test_no_page_needs_what_the_policy_forbids(world: World, every_page: dict[str, str]) -> None:
    for name, path in every_page.items():
        page = world.page(path)
        # Facts for search engines are no script: the browser runs no such type.
        scripts = [one for one in page.all("script") if one["type"] != "application/ld+json"]
        expected = SCRIPTS.get(name.rpartition("-")[0], [])
        assert [one["src"].partition("?")[0] for one in scripts] == expected, name  # S7
        assert not any(one.texts for one in scripts), name  # S25
        allowed = "'self'" if scripts else "'none'"
        assert f"script-src {allowed};" in world.get(path).headers["Content-Security-Policy"], name  # S7
        for element in page.elements:
            assert "style" not in element.attributes
            assert not [one for one in element.attributes if one.startswith("on")]
            source = element["src"] or (element["href"] if element.tag == "link" else "")
            assert not source or source.startswith(("/", f"{PUBLIC_URL}/")), source  # S10: no third party


def test_no_hsts_over_plain_http(make_world: Callable[[Settings], World], tryout: Settings) -> None:
    assert "Strict-Transport-Security" not in make_world(tryout).get("/").headers


FOREIGN: list[tuple[dict[str, str], bool]] = [
    ({"Sec-Fetch-Site": "cross-site"}, True),
    ({"Sec-Fetch-Site": "same-site"}, True),
    ({"Origin": "https://evil.example"}, True),
    ({"Origin": "https://news.example.org.evil.example"}, True),
    ({"Origin": "http://news.example.org"}, True),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://news.example.org"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://news.example.org"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Origin": "https://news.example.org"}, False),
    ({}, False),
]


@pytest.mark.parametrize(("headers", "refused"), FOREIGN)
def test_unsafe_requests_from_elsewhere_are_refused(
    world: World, links: dict[Purpose, str], headers: dict[str, str], refused: bool
) -> None:
    paths = ["/change", "/text-size"]
    paths += [f"/{name}/{links[purpose]}" for name, purpose in POSTS.items()]
    for path in paths:
        assert (world.post(path, headers=headers).status_code == 403) is refused, path  # S26


POSTS = {
    "confirm": Purpose.CONFIRM,
    "choices": Purpose.CHOICES,
    "stop": Purpose.STOP,
    "restart": Purpose.UNDO,
    "address": Purpose.ADDRESS_KEEP,
}


def test_hidden_origin_is_taken_only_behind_a_link(world: World, links: dict[Purpose, str]) -> None:
    headers = {"Origin": "null"}  # what an older browser sends from a no-referrer page
    assert world.post(f"/confirm/{links[Purpose.CONFIRM]}", headers=headers).status_code == 200
    assert world.post("/change", headers=headers).status_code == 403


FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-For": "192.0.2.66",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example;for=192.0.2.66",
}


def test_forged_host_appears_nowhere(world: World, every_page: dict[str, str]) -> None:
    for path in [*every_page.values(), "/fr", "//tips", "/tips/", "/1", "/fr/1", "/tips/2"]:
        answer = world.client.get(path, base_url="https://evil.example", headers=FORGED)
        assert "evil.example" not in answer.text, path  # S19
        assert "evil.example" not in answer.headers.get("Location", ""), path


def test_forged_client_address_is_not_believed(world: World) -> None:
    form = fill(world)
    answer = world.client.post("/subscribe", base_url="https://evil.example", data=form, headers=FORGED)
    assert "evil" not in answer.headers["Location"]
    with world.write() as session:
        signup = find_signup(session, 1)
    assert signup is not None
    assert (signup.ip, signup.page_url) == ("127.0.0.1", "https://news.example.org/subscribe")  # S19


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "", "/a\r\nb: c"]
)
def test_text_size_leads_only_to_our_own_pages(world: World, back: str) -> None:
    answer = world.post("/text-size", {"size": "large", "back": back})
    assert answer.headers["Location"] == "/"


def test_text_size_is_kept_and_leads_back(world: World) -> None:
    client = world.client
    options: dict[str, Any] = {"base_url": "https://news.example.org"}
    for size in ("large", "largest", "normal"):
        data = {"size": size, "back": "/fr/conseils?x=1"}
        answer = client.post("/text-size", data=data, headers={"Sec-Fetch-Site": "same-origin"}, **options)
        assert answer.headers["Location"] == "/fr/conseils?x=1"
        cookie = answer.headers["Set-Cookie"]
        for part in ("Secure", "HttpOnly", "SameSite=Lax"):
            assert part in cookie
        page = Page(client.get("/tips", **options).text)
        assert page.one("html")["data-text"] == size
        pressed = [one.text for one in page.all("button", name="size") if one["aria-pressed"] == "true"]
        assert pressed == [{"normal": "A Normal", "large": "A Large", "largest": "A Largest"}[size]]
    bad = client.post(
        "/text-size", data={"size": "huge"}, headers={"Sec-Fetch-Site": "same-origin"}, **options
    )
    assert "Set-Cookie" not in bad.headers


def crash(code: int) -> Callable[[], None]:
    """Return a view that breaks with rose@example.ca in its mouth, or aborts."""

    def view() -> None:
        if code == 500:
            raise RuntimeError("statement failed for rose@example.ca")
        abort(code)

    return view


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 429, 500, 503])
@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_error_page_is_no_dead_end(
    world: World, caplog: pytest.LogCaptureFixture, code: int, prefix: str
) -> None:
    world.app.add_url_rule(f"{prefix}/broken", f"broken{prefix}", crash(code))
    with caplog.at_level(logging.DEBUG):
        answer = world.get(f"{prefix}/broken")
    page = Page(answer.text)
    assert answer.status_code == code
    assert page.one("html")["lang"] == ("fr" if prefix else "en")
    home, library, change = ("/fr/", "/fr/conseils", "/fr/changer") if prefix else ("/", "/tips", "/change")
    for target in (home, library, change):
        assert page.all("a", href=target)
    assert "Traceback" not in answer.text
    assert "rose@example.ca" not in answer.text  # S27
    if code >= 500:
        (record,) = [one for one in caplog.records if one.name == "newsletter_app.web"]
        number = record.getMessage().split()[1]
        assert number in page.one("main").text  # S27
    assert "rose@example.ca" not in caplog.text  # S28


def test_logs_hold_no_addresses_and_no_tokens(
    world: World, links: dict[Purpose, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        world.post("/subscribe", fill(world))
        for name, purpose in POSTS.items():
            world.get(f"/{name}/{links[purpose]}")
            world.post(f"/{name}/{links[purpose]}", {"address": "mallory@example.net", "section": "address"})
            world.get(f"/{name}/{links[purpose]}x")
    assert "@example" not in caplog.text  # S28
    for token in links.values():
        assert token not in caplog.text


def test_too_large_a_form_is_refused(world: World) -> None:
    assert world.post("/subscribe", {"address": "x" * 70_000}).status_code == 413


def test_static_files_carry_headers_and_are_kept(world: World) -> None:
    link = next(one for one in world.page("/").all("link") if one["rel"] == "stylesheet")
    with world.get(link["href"]) as answer:
        assert answer.status_code == 200
        assert len(answer.data) <= 12 * 1024
        for name, text in EVERYWHERE.items():
            assert answer.headers.get(name) == text  # S25
        assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in answer.headers  # S26


@pytest.fixture
def on_postgresql(
    make_world: Callable[[Settings], World], settings: Settings, postgres_database: URL
) -> World:
    """Give an application on PostgreSQL, which refuses what SQLite lets pass."""
    url = postgres_database.render_as_string(hide_password=False)
    world = make_world(replace(settings, database_url=url))
    with world.write() as session:
        people.three_notices(session, world.clock())
    return world


@pytest.mark.postgres
def test_numbers_and_signs_no_database_holds_are_no_trouble(on_postgresql: World) -> None:
    paths = ["/tips/%00", "/fr/conseils/a%00b", "/media/%00", "/outbox/99999999999", "/99999999999"]
    for purpose, number in product(PATHS, (2**31, 2**40, 2**63 - 1)):
        paths.append(PATHS[purpose] + on_postgresql.token(purpose, (number, 1), b"a nonce"))
    for path, method in product(paths, ("GET", "POST")):
        options: dict[str, Any] = {"base_url": "https://news.example.org"}
        answer = on_postgresql.client.open(path, method=method, **options)
        assert answer.status_code in (404, 405), path  # S27: a forged address is no fault of ours
