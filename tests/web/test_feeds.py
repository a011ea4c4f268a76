"""The feeds of a notice: what stands in them, in which language, and that they need not be fetched twice."""

from __future__ import annotations

import json

import feedparser
import pytest
from sqlalchemy import delete

from newsletter_app import tips
from newsletter_app.notices import find as find_notice
from newsletter_app.tips import TipSide
from tests.factories import content
from tests.web.conftest import PUBLIC_URL, World

ADDRESSES = [("/feeds/tips.atom", "en", "/tips/"), ("/fr/fils/tips.atom", "fr", "/fr/conseils/")]


@pytest.mark.parametrize(("path", "language", "folder"), ADDRESSES)
def test_the_newest_tips_stand_in_it(
    world: World, tip_numbers: list[int], path: str, language: str, folder: str
) -> None:
    answer = world.get(path)
    assert answer.mimetype == "application/atom+xml"
    read = feedparser.parse(answer.data)
    assert not read.bozo
    assert read.feed.language == language
    assert [item.link.startswith(f"{PUBLIC_URL}{folder}") for item in read.entries] == [True] * 3
    assert [item.title[-1] for item in read.entries] == ["3", "2", "1"]
    # The marks lead to the page's own list of references.
    assert f"{read.entries[0].link}#r1" in read.entries[0].content[0].value


def test_a_side_that_is_not_written_stands_in_no_feed(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        tip = tips.find_by_number(session, 2)
        assert tip is not None
        session.execute(delete(TipSide).where(TipSide.tip_id == tip.id, TipSide.language == "fr"))
    assert [item.title[-1] for item in feedparser.parse(world.get("/fr/fils/tips.atom").data).entries] == [
        "3",
        "1",
    ]


def test_json_says_the_same(world: World, tip_numbers: list[int]) -> None:
    answer = world.get("/feeds/tips.json")
    assert answer.mimetype == "application/feed+json"
    read = json.loads(answer.data)
    atom = feedparser.parse(world.get("/feeds/tips.atom").data)
    assert [item["id"] for item in read["items"]] == [item.id for item in atom.entries]
    assert [item["url"] for item in read["items"]] == [item.link for item in atom.entries]
    assert read["feed_url"] == f"{PUBLIC_URL}/feeds/tips.json"


def test_a_feed_is_not_sent_to_who_has_it(world: World, tip_numbers: list[int]) -> None:
    first = world.get("/feeds/tips.atom")
    assert first.headers["Cache-Control"] == "public, max-age=600"
    again = world.get("/feeds/tips.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with world.write() as session:
        notice = find_notice(session, 1)
        assert notice is not None
        content.make_tip(session, notice, 4, world.clock())
    assert world.get("/feeds/tips.atom", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/feeds/nothing.atom", "/fr/fils/nothing.json", "/feeds/tips.rss"])
def test_no_such_feed(world: World, tip_numbers: list[int], path: str) -> None:
    assert world.get(path).status_code == 404


def test_pages_name_the_feeds(world: World, tip_numbers: list[int]) -> None:
    """A program finds them in the head, a person at the end of the library."""
    for path in ("/tips", "/tips/1-walk-a-little-1"):
        named = [one["href"] for one in world.page(path).all("link", type="application/atom+xml")]
        assert "/feeds/tips.atom" in named
        named += [one["href"] for one in world.page(path).all("link", type="application/feed+json")]
        assert "/feeds/tips.json" in named
        assert all(world.get(each).status_code == 200 for each in named)
    assert "/fr/fils/tips.atom" in [one["href"] for one in world.page("/fr/conseils").all("a")]
