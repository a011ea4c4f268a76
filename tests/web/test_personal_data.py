"""Your data: a copy and the end of it, by a fresh link alone; afterwards nothing is held (S9)."""

from __future__ import annotations

import io
import json
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from newsletter_app.kernel.links import Purpose
from newsletter_app.subscribers import Subscriber
from tests.factories import people
from tests.web.conftest import Readers, World
from tests.web.dom import Page

HELD = "We hold nothing about this address"


@pytest.fixture
def fresh(links: dict[Purpose, str]) -> str:
    """Give the page as a fresh link to the address on file opens it."""
    return f"/choices/{links[Purpose.MANAGE]}"


@pytest.fixture
def forwarded(links: dict[Purpose, str]) -> str:
    """Give the page as a newsletter's link opens it."""
    return f"/choices/{links[Purpose.CHOICES]}"


def are_readers(world: World) -> int:
    with world.write() as session:
        return session.scalar(select(func.count()).select_from(Subscriber)) or 0


def test_the_copy_is_one_file(world: World, fresh: str) -> None:
    page = world.page(fresh)
    assert [form["action"] for form in page.all("form") if form["action"].endswith("/copy")] == [
        f"{fresh}/copy"
    ]
    answer = world.post(f"{fresh}/copy", buffered=True)
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.zip"
    assert "no-store" in answer.headers["Cache-Control"]
    with ZipFile(io.BytesIO(answer.data)) as archive:
        data = json.loads(archive.read("data.json"))
    assert [row["address"] for row in data["profile"]] == [people.ROSE]  # L13, L19
    assert "gus@example.ca" not in json.dumps(data)


def test_a_forwarded_newsletter_opens_neither(world: World, forwarded: str) -> None:
    """Its link is proven, and is of another purpose."""
    page = world.get(forwarded).text
    assert "Get a copy of my data" not in page
    assert "/erase" not in page
    for path in (f"{forwarded}/copy", f"{forwarded}/erase"):
        assert world.post(path).status_code == 404  # S9
    assert world.get(f"{forwarded}/erase").status_code == 404
    assert are_readers(world) == 3


def test_erasing_takes_one_press_that_says_what_stays(world: World, fresh: str, forwarded: str) -> None:
    asked = world.page(f"{fresh}/erase")
    assert len(asked.all("button", **{"class": "button first big"})) == 1
    assert "What stays, and why" in asked.one("main").text
    assert are_readers(world) == 3, "looking changes nothing"
    done = world.post(f"{fresh}/erase")
    assert done.status_code == 200
    assert Page(done.text).one("h1").text == HELD
    assert Page(done.text).one("div", role="status").text == HELD  # A6
    assert are_readers(world) == 2  # L13


def test_afterwards_every_link_says_that_nothing_is_held(
    world: World, links: dict[Purpose, str], fresh: str, forwarded: str
) -> None:
    world.post(f"{fresh}/erase")
    stop, keep = links[Purpose.STOP], links[Purpose.ADDRESS_KEEP]
    for path in (fresh, f"{fresh}/erase", forwarded, f"/stop/{stop}", f"/address/{keep}"):
        answer = world.get(path)
        assert (answer.status_code, Page(answer.text).one("h1").text) == (410, HELD)
    assert world.post(f"{fresh}/erase").status_code == 410, "a second press is harmless"


def test_an_old_link_asks_for_a_new_one(world: World, fresh: str) -> None:
    world.clock.forward(days=8)
    assert "This link is too old" in world.get(f"{fresh}/erase").text
    for path in ("copy", "erase"):
        assert "Now open your email" in world.post(f"{fresh}/{path}").text
    assert are_readers(world) == 3


def test_it_is_all_there_in_french(world: World, fresh: str, readers: Readers) -> None:
    page = world.get(f"{fresh}/erase?lang=fr").text
    assert "Ce qui reste, et pourquoi" in page  # L20
    assert f"{fresh}?lang=fr" in page
