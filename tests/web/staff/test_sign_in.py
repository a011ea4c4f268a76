"""Signing in and out: the same answer for strangers, a new cookie at each step, a second factor, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from newsletter_app import audit, identity
from newsletter_app.web.staff import throttle
from tests.factories.staff import PASSWORD, give_second_factor, make_staff
from tests.web.conftest import PUBLIC_URL, SAME_SITE, World
from tests.web.staff.conftest import HOST, Desks

COOKIE = "__Host-desk"


@dataclass
class Browser:
    """One browser, and what its forms say."""

    client: FlaskClient

    def post(self, path: str, headers: dict[str, str] | None = None, **data: str) -> TestResponse:
        """Press the button of a form."""
        headers = SAME_SITE if headers is None else headers
        return self.client.post(path, base_url=PUBLIC_URL, data=data, headers=headers)

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=PUBLIC_URL)

    def sign_in(self, address: str, password: str = PASSWORD, query: str = "") -> TestResponse:
        """Send the first form."""
        return self.post(f"/console/sign-in{query}", address=address, password=password)

    @property
    def cookie(self) -> str:
        """What the console's cookie holds."""
        found = self.client.get_cookie(COOKIE, domain=HOST)
        return found.value if found else ""


@pytest.fixture
def browser(world: World) -> Browser:
    return Browser(world.client)


def an_editor(world: World) -> None:
    with world.write() as session:
        make_staff(session, "editor", world.clock(), password=PASSWORD)


def an_owner(world: World) -> tuple[bytes, list[str]]:
    """Return the owner's seed and recovery codes."""
    with world.write() as session:
        staff = make_staff(session, "owner", world.clock(), password=PASSWORD)
        given = give_second_factor(session, staff, world.clock())
    world.clock.forward(minutes=1)
    return given


def test_password_alone_where_the_role_needs_no_more(world: World, browser: Browser) -> None:
    an_editor(world)
    answer = browser.sign_in("editor@example.org")
    assert (answer.status_code, answer.location) == (303, "/console")
    assert browser.get("/console").status_code == 200


def test_the_cookie_is_bound_to_host_and_tls(world: World, browser: Browser) -> None:  # S20
    an_editor(world)
    told = browser.sign_in("editor@example.org").headers.getlist("Set-Cookie")
    mine = next(line for line in told if line.startswith(f"{COOKIE}="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(mine.split("; "))
    assert "Domain" not in mine
    assert "Expires" not in mine


def test_password_then_code(world: World, browser: Browser) -> None:  # S20, S22
    seed, _codes = an_owner(world)
    assert browser.sign_in("owner@example.org", query="?next=/console?said=saved").location.startswith(
        "/console/code?next="
    )
    half = browser.cookie
    assert browser.get("/console").location.startswith("/console/code")
    code = identity.second_factor.code_at(seed, world.clock())
    assert browser.post("/console/code?next=/console?said=saved", code=code).location == "/console?said=saved"
    assert browser.cookie != half
    assert browser.get("/console").status_code == 200
    browser.client.set_cookie(COOKIE, half, domain=HOST, secure=True)
    assert browser.get("/console").location.startswith("/console/sign-in")
    with world.write() as session:
        newest = audit.newest(session, 1)[0]
        assert (newest.actor, newest.action, newest.origin) == (
            "owner@example.org",
            "staff.signed-in",
            "127.0.0.1",
        )


def test_a_code_that_was_used_lets_nobody_in(world: World) -> None:  # S22
    seed, codes = an_owner(world)
    code = identity.second_factor.code_at(seed, world.clock())
    for text, expected in ((code, 303), (code, 422), (codes[0], 303), (codes[0], 422)):
        browser = Browser(world.client)
        browser.sign_in("owner@example.org")
        assert browser.post("/console/code", code=text).status_code == expected


def test_an_owner_sets_a_second_factor_up_first(world: World, browser: Browser) -> None:  # S22
    with world.write() as session:
        make_staff(session, "owner", world.clock(), password=PASSWORD)
    assert browser.sign_in("owner@example.org").location.startswith("/console/second-factor")
    assert browser.get("/console").location.startswith("/console/second-factor")
    page = browser.get("/console/second-factor")
    assert "<svg" in page.text
    seed = waiting_seed(world)
    assert identity.second_factor.spelled(seed) in page.text
    assert browser.post("/console/second-factor", code="000000").status_code == 422
    shown = browser.post("/console/second-factor", code=identity.second_factor.code_at(seed, world.clock()))
    assert shown.text.count("<li><code>") == 10
    assert browser.get("/console").status_code == 200


def test_a_seed_is_shown_to_one_browser(world: World) -> None:  # S22
    """Somebody else with the password alone would keep it, and have every code that comes of it."""
    with world.write() as session:
        make_staff(session, "owner", world.clock(), password=PASSWORD)
    one, other = Browser(world.client), Browser(world.client)
    one.sign_in("owner@example.org")
    first = waiting_seed(world)
    assert identity.second_factor.spelled(first) in one.get("/console/second-factor").text
    other.sign_in("owner@example.org")
    second = waiting_seed(world)
    assert second != first
    assert identity.second_factor.spelled(second) in other.get("/console/second-factor").text
    assert one.get("/console/second-factor").location.startswith("/console/sign-in")


def waiting_seed(world: World) -> bytes:
    """Return the owner's seed that waits for its first code."""
    hash_key = world.ports.settings.hash_key
    with world.write() as session:
        staff = identity.by_address(session, "owner@example.org", hash_key=hash_key)
        seed = identity.candidate(staff, hash_key=hash_key) if staff else None
    assert seed is not None
    return seed


def test_strangers_get_the_answer_of_everybody(world: World) -> None:  # S22
    an_editor(world)
    answers = [
        Browser(world.client).sign_in(address, "not the password")
        for address in ("editor@example.org", "nobodyx@example.org")
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert answers[0].text == answers[1].text.replace("nobodyx@", "editor@")
    assert not any(COOKIE in str(answer.headers) for answer in answers)


def test_too_many_tries_lock_nobody_out(world: World) -> None:  # S22
    an_editor(world)
    own = Browser(world.client)
    assert own.sign_in("editor@example.org").status_code == 303
    own.post("/console/sign-out")
    stranger = Browser(world.client)
    tries = [stranger.sign_in("editor@example.org", "guess").status_code for _ in range(25)]
    assert tries[0] == 422
    assert tries[-1] == 429
    assert Browser(world.client).sign_in("editor@example.org").status_code == 429
    assert own.sign_in("editor@example.org").status_code == 303


@pytest.mark.parametrize("spelled", ["EXAMPLE.org", "ｅxample.org", "eｘample．org", "example。org"])
def test_an_address_has_one_budget_however_it_is_spelled(world: World, spelled: str) -> None:  # S22
    """Else each way to write its domain would be worth thirty guesses more, from places without number."""
    with world.app.test_request_context():
        assert throttle.counted_as(f"editor@{spelled}") == throttle.counted_as("editor@example.org")
        assert throttle.counted_as("nobody") != throttle.counted_as("nobody@example.org")


def test_a_phone_for_codes_ends_what_a_password_began(world: World, desk: Desks) -> None:  # S20, S22
    """Whoever knows the password alone, and was there first, must not set up their own phone afterwards."""
    other, own = desk("owner", stage="enrol"), desk("owner", stage="enrol")
    own.post("/console/second-factor/new")
    code = identity.second_factor.code_at(waiting_seed(world), world.clock())
    assert own.post("/console/second-factor", {"code": code}).status_code == 200
    assert other.post("/console/second-factor/new").location.startswith("/console/sign-in")
    assert own.get("/console").status_code == 200


def test_signing_out_ends_it_on_the_server(world: World, browser: Browser) -> None:  # S20
    an_editor(world)
    browser.sign_in("editor@example.org")
    kept = browser.cookie
    assert browser.post("/console/sign-out").location.startswith("/console/sign-in")
    assert browser.cookie == ""
    browser.client.set_cookie(COOKIE, kept, domain=HOST, secure=True)
    assert browser.get("/console").status_code == 303


def test_unused_for_an_hour_it_is_over(world: World, desk: Desks) -> None:  # S20
    ann, bob = desk("editor"), desk("viewer")
    for _ in range(4):
        world.clock.forward(minutes=50)
        assert ann.get("/console").status_code == 200
    assert bob.get("/console").status_code == 303
    world.clock.forward(hours=9)
    assert ann.get("/console").status_code == 303


def test_a_cookie_of_somebody_else_is_none(world: World, browser: Browser) -> None:
    for text in ("", "x", "WyJ4IiwxXQ.aaaa"):
        browser.client.set_cookie(COOKIE, text, domain=HOST, secure=True)
        assert browser.get("/console").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/console//evil",
        "/subscribe",
        "/consoles",
        "/console/%0d%0aSet-Cookie: a=b",
    ],
)
def test_one_goes_on_within_the_console_alone(world: World, browser: Browser, target: str) -> None:  # S12
    an_editor(world)
    answer = browser.post(f"/console/sign-in?next={target}", address="editor@example.org", password=PASSWORD)
    assert answer.location == "/console"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": PUBLIC_URL}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_press_comes_from_our_own_page(desk: Desks, headers: dict[str, str], expected: int) -> None:  # S26
    data: dict[str, Any] = {"language": "fr"}
    assert desk("editor").post("/console/language", data, headers=headers).status_code == expected


def test_the_console_is_kept_by_nobody_and_runs_only_our_scripts(desk: Desks) -> None:  # S25
    answer = desk("owner").get("/console")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_console_speaks_each_persons_language(world: World, desk: Desks) -> None:
    ann = desk("editor")
    assert 'lang="en"' in ann.get("/console").text
    answer = ann.post("/console/language", {"language": "fr", "next": "/console?said=saved"})
    assert answer.location == "/console?said=saved"
    assert "Enregistré" in ann.get("/console?said=saved").text
    assert 'lang="fr"' in desk("editor").get("/console").text


def test_who_they_are_is_asked_again_after_a_while(world: World, desk: Desks) -> None:  # S23
    with world.write() as session:
        make_staff(session, "editor", world.clock(), password=PASSWORD)
    ann = desk("editor")
    assert ann.get("/console/second-factor").status_code == 200
    world.clock.forward(minutes=11)
    assert ann.get("/console/second-factor").location.startswith("/console/again?next=/console/second-factor")
    # A form that was opened in time is still taken.
    assert "/again" not in ann.post("/console/second-factor/new").location
    world.clock.forward(minutes=30)
    assert "/again" in ann.post("/console/second-factor/new").location
    assert ann.post("/console/again", {"password": "not it"}).status_code == 422
    again = ann.post("/console/again?next=/console/second-factor", {"password": PASSWORD})
    assert again.location == "/console/second-factor"
    assert ann.get("/console/second-factor").status_code == 200


def test_public_pages_know_nothing_of_the_console(world: World, desk: Desks) -> None:
    ann = desk("owner")
    page = ann.get("/")
    assert "/console" not in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Vary"] == world.get("/").headers["Vary"]


def test_a_session_begun_before_a_limit_is_no_longer(world: World, desk: Desks) -> None:
    half = desk("owner", stage="password")
    world.clock.forward(minutes=11)
    assert half.get("/console/code").location == "/console/sign-in"
