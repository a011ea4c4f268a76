"""What machines read of a page: where it is at home, its other side, what a shared link shows."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, update

from newsletter_app import tips
from newsletter_app.notices import Notice
from newsletter_app.tips import TipSide
from tests.web.conftest import PUBLIC_URL, World
from tests.web.dom import Page

ENGLISH, FRENCH = "/tips/2-walk-a-little-2", "/fr/conseils/2-marchez-un-peu-2"


def canonical(page: Page) -> str:
    return page.one("link", rel="canonical")["href"]


def alternates(page: Page) -> dict[str, str]:
    return {one["hreflang"]: one["href"] for one in page.all("link", rel="alternate") if "hreflang" in one}


def schema_of(page: Page) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads("".join(page.one("script", type="application/ld+json").texts))
    return facts


@pytest.mark.parametrize(
    ("english", "french"),
    [("/", "/fr/"), ("/tips", "/fr/conseils"), ("/subscribe", "/fr/abonnement"), (ENGLISH, FRENCH)],
)
def test_each_side_names_itself_and_the_other(
    world: World, tip_numbers: list[int], english: str, french: str
) -> None:
    both = {"en": PUBLIC_URL + english, "fr": PUBLIC_URL + french}
    for path in (english, french, f"{english}?from=a-friend"):
        page = world.page(path)
        assert alternates(page) == both
        assert canonical(page) == PUBLIC_URL + path.partition("?")[0]


def test_a_stand_in_is_at_home_on_the_side_it_stands_in_for(world: World, tip_numbers: list[int]) -> None:
    with world.write() as session:
        tip = tips.find_by_number(session, 2)
        assert tip is not None
        session.execute(delete(TipSide).where(TipSide.tip_id == tip.id, TipSide.language == "fr"))
    page = world.page("/fr/conseils/2-walk-a-little-2")
    assert (canonical(page), alternates(page)) == (PUBLIC_URL + ENGLISH, {})


def test_a_page_behind_a_link_says_nothing_of_its_address(world: World, every_page: dict[str, str]) -> None:
    """It holds a token, which no other site may learn (S10)."""
    for name in ("confirm", "sent", "choices", "stop"):
        page = world.page(every_page[f"{name}-en"])
        assert not [one for one in page.all("link") if one["rel"] in ("canonical", "alternate")], name


def test_a_shared_link_shows_title_and_first_sentence(world: World, tip_numbers: list[int]) -> None:
    page = world.page(FRENCH)
    shown = {one["property"]: one["content"] for one in page.all("meta") if "property" in one}
    assert shown["og:title"] == "Conseil 2\N{NO-BREAK SPACE}: Marchez un peu 2"
    assert (shown["og:type"], shown["og:locale"]) == ("article", "fr_CA")
    assert shown["og:url"] == PUBLIC_URL + FRENCH
    assert shown["og:description"] == page.one("meta", name="description")["content"]


def test_its_facts_are_an_article_and_medical_only_where_a_doctor_is_named(
    world: World, tip_numbers: list[int]
) -> None:
    facts = schema_of(world.page(ENGLISH))
    assert (facts["headline"], facts["inLanguage"]) == ("Walk a little 2", "en")
    assert facts["author"]["name"] == "Example Society"
    assert facts["citation"]
    medical = {True: ["Article", "MedicalWebPage"], False: "Article"}
    for needs_disclaimer, kinds in medical.items():
        with world.write() as session:
            session.execute(update(Notice).values(needs_disclaimer=needs_disclaimer))
            tip = tips.find_by_number(session, 2)
            assert tip is not None
            tip.reviewed_by, tip.reviewed_on = "Dr. Roy", date(2026, 3, 1)
        facts = schema_of(world.page(ENGLISH))
        assert facts["@type"] == kinds
        assert facts.get("lastReviewed") == ("2026-03-01" if needs_disclaimer else None)


def test_a_title_cannot_leave_the_facts(world: World, tip_numbers: list[int]) -> None:
    """Author text is data wherever it stands (S13)."""
    with world.write() as session:
        hostile = '</script><script>alert(1)</script>"&'
        session.execute(update(TipSide).where(TipSide.language == "en").values(title=hostile, lead=hostile))
    page = world.page(ENGLISH)
    assert len([one for one in page.all("script") if not one["src"]]) == 1
    assert schema_of(page)["headline"] == '</script><script>alert(1)</script>"&'
