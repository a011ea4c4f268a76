"""Signed links: of one purpose each, never changing anything by being looked at, never leaking."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from newsletter_app.extensions import db
from newsletter_app.kernel.links import Purpose
from tests.web.conftest import PATHS, Readers, World

ROUTES = sorted(set(PATHS.values()))


@pytest.mark.parametrize("purpose", list(PATHS))
def test_token_opens_only_its_own_page(
    world: World, readers: Readers, links: dict[Purpose, str], purpose: Purpose
) -> None:
    for route, method in product(ROUTES, ("GET", "POST")):
        answer = world.client.open(
            f"{route}{links[purpose]}",
            method=method,
            base_url="https://news.example.org",
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        if route == PATHS[purpose]:
            assert answer.status_code == 200, (purpose, route, method)
        else:
            assert answer.status_code == 404, (purpose, route, method)  # S9
            assert "This link is not complete" in answer.text


@pytest.mark.parametrize("purpose", list(PATHS))
def test_token_is_worth_nothing_for_another_row(
    world: World, readers: Readers, links: dict[Purpose, str], purpose: Purpose
) -> None:
    foreign = PATHS[purpose] + world.token(purpose, (2**40, 1), b"somebody")
    assert world.get(foreign).status_code == 404
    assert world.post(foreign).status_code == 404


@pytest.mark.parametrize("purpose", list(PATHS))
def test_page_behind_a_link_does_not_leak_it(
    world: World, links: dict[Purpose, str], purpose: Purpose
) -> None:
    for token in (links[purpose], "cut"):
        answer = world.get(PATHS[purpose] + token)
        assert answer.headers["Referrer-Policy"] == "no-referrer"  # S10
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("spoilt", ["{})", "{}/copy", "{}/extra"])
def test_a_link_that_leads_nowhere_does_not_leak_either(
    world: World, links: dict[Purpose, str], spoilt: str
) -> None:
    """A sign too many, and what can only be posted."""
    answer = world.get(spoilt.format(PATHS[Purpose.MANAGE] + links[Purpose.MANAGE]))
    assert answer.status_code in (404, 405)
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == (
        "no-referrer",
        "no-store",
    )  # S10


def database_bytes(world: World) -> bytes:
    """Return the database as it stands on disk, its write-ahead log included."""
    path = Path(world.ports.settings.database_url.removeprefix("sqlite:///"))
    log = Path(f"{path}-wal")
    return path.read_bytes() + (log.read_bytes() if log.exists() else b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_leaves_the_database_as_it_was(world: World, every_page: dict[str, str], method: str) -> None:
    before = database_bytes(world)
    for name, path in every_page.items():
        answer = world.client.open(path, method=method, base_url="https://news.example.org")
        assert answer.status_code < 500, name
    assert database_bytes(world) == before  # S7


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_session_of_a_safe_method_cannot_write(world: World, readers: Readers, method: str) -> None:
    with world.app.test_request_context("/", method=method), pytest.raises(OperationalError):  # S7
        db.session.execute(text("UPDATE notices SET last_seq = 9"))
