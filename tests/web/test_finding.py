"""Search engines: every address once in each language, what is closed stays closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

from sqlalchemy import delete

from config import Settings
from newsletter_app import tips
from newsletter_app.tips import TipSide
from newsletter_app.web.public.finding import MOST, SITEMAP, XHTML, Spot, sitemap_octets
from tests.web.conftest import PUBLIC_URL, World


def listed(octets: bytes) -> dict[str, dict[str, str]]:
    """Return address → language → the address it names for it."""
    found = ElementTree.fromstring(octets)
    return {
        one.findtext(f"{{{SITEMAP}}}loc") or "": {
            link.attrib["hreflang"]: link.attrib["href"] for link in one.findall(f"{{{XHTML}}}link")
        }
        for one in found
    }


def test_every_page_stands_in_the_list_with_its_other_side(world: World, tip_numbers: list[int]) -> None:
    found = listed(world.get("/sitemap.xml").data)
    assert len(found) == 2 * (4 + 3 + 1)
    for url, others in found.items():
        assert url in others.values()
        answer = world.get(url.removeprefix(PUBLIC_URL))
        assert answer.status_code == 200, url
        for language, other in others.items():
            assert found[other] == others
            assert f'<html lang="{language}"' in world.get(other.removeprefix(PUBLIC_URL)).text


def test_what_is_not_written_or_withdrawn_is_not_listed(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        first, second = tips.find_by_number(session, 1), tips.find_by_number(session, 2)
        assert first is not None
        assert second is not None
        session.execute(delete(TipSide).where(TipSide.tip_id == first.id, TipSide.language == "fr"))
        tips.withdraw(session, second, "It is wrong.", world.clock())
    found = listed(world.get("/sitemap.xml").data)
    assert found[f"{PUBLIC_URL}/tips/1-walk-a-little-1"] == {}
    assert not [url for url in found if "-2" in url]


def test_no_list_is_longer_than_its_protocol_allows() -> None:
    spots = [
        Spot({"en": f"https://e.example/{number}"}, datetime(2026, 3, 2, tzinfo=UTC))
        for number in range(MOST + 5)
    ]
    assert len(listed(sitemap_octets(spots))) == MOST


def test_robots_may_read_what_anybody_may(world: World) -> None:
    answer = world.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert rules.site_maps() == [f"{PUBLIC_URL}/sitemap.xml"]
    assert rules.can_fetch("any", "/tips/1-walk")
    assert not rules.can_fetch("any", "/outbox")


def test_a_try_out_is_closed_to_robots(make_world: Callable[[Settings], World], tryout: Settings) -> None:
    rules = RobotFileParser()
    rules.parse(make_world(tryout).get("/robots.txt").text.splitlines())
    assert not rules.can_fetch("any", "/")
