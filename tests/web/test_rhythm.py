"""Your choices of rhythm: how often, on which day and hour, a break, what was missed, and how it looks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from newsletter_app import subscriptions, tips
from newsletter_app.campaigns import Campaign, Edition, EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.links import Purpose
from newsletter_app.notices import Notice
from newsletter_app.planning import next_mail_at
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Missed, Owed
from newsletter_app.tips import Publication
from tests.factories import people
from tests.factories.content import make_tip
from tests.web.conftest import Readers, World
from tests.web.dom import Page


@pytest.fixture
def path(links: dict[Purpose, str]) -> str:
    """Give the page as a newsletter's link opens it."""
    return f"/choices/{links[Purpose.CHOICES]}"


def reader(world: World) -> Subscriber:
    """Return the active reader as stored now."""
    with world.write() as session:
        return people.a_subscriber(session)


def cadences(world: World) -> list[str]:
    """Return the reader's cadences in the order of the notices."""
    with world.write() as session:
        theirs = subscriptions.of_subscriber(session, people.a_subscriber(session).id)
        return [row.cadence for row in theirs]


def chosen(page: Page, name: str) -> list[str]:
    """Return which of these buttons or lines is chosen."""
    found = [one["value"] for one in page.all("input", name=name) if "checked" in one]
    [box] = page.all("select", name=name) or [None]
    lines = [one for one in page.all("option") if box in one.ancestors]
    return found + [one["value"] for one in lines if "selected" in one]


def publish(world: World, number: int) -> int:
    """Put a tip into the first notice's stream; return its id."""
    with world.write() as session:
        notice = session.get_one(Notice, 1)
        tip = make_tip(session, notice, number, world.clock())
        tips.send_into(session, tip, [1], world.clock())
        return tip.id


def test_how_often_is_asked_under_each_chosen_notice(world: World, path: str) -> None:
    page = world.page(path)
    legends = [one.text for one in page.all("legend") if one.text.startswith("How often?")]
    assert legends == ["How often? Health tips", "How often? Events and groups"]
    assert chosen(page, "cadence-1") == ["each"]
    form = {"section": "notices", "notice": ["1", "2"], "cadence-1": "weekly", "cadence-2": "monthly"}
    assert "Saved" in world.post(path, form).text
    assert cadences(world) == ["weekly", "monthly"]
    assert chosen(world.page(path), "cadence-2") == ["monthly"]


def test_what_is_no_cadence_and_whose_is_none_changes_nothing(world: World, path: str) -> None:
    form = {"section": "notices", "notice": ["1", "2"], "cadence-1": "hourly", "cadence-3": "weekly"}
    assert world.post(path, form).status_code == 200
    assert cadences(world) == ["each", "each"]


def test_day_hour_and_zone_are_the_reader_s_own(world: World, path: str) -> None:
    """The day is asked of those who have a weekly mail."""
    page = world.page(path)
    assert not page.all("select", name="weekday")
    assert (chosen(page, "hour"), chosen(page, "zone")) == ([""], [""])
    world.post(path, {"section": "notices", "notice": ["1"], "cadence-1": "weekly"})
    wish = {"section": "when", "weekday": "4", "hour": "18", "zone": "America/St_Johns"}
    assert "Saved" in world.post(path, wish).text
    page = world.page(path)
    assert [chosen(page, name) for name in ("weekday", "hour", "zone")] == [
        ["4"],
        ["18"],
        ["America/St_Johns"],
    ]
    kept = reader(world)
    assert (kept.weekday, kept.hour, kept.time_zone) == (4, 18, "America/St_Johns")
    world.post(path, {"section": "when", "weekday": "", "hour": "", "zone": ""})
    kept = reader(world)
    assert (kept.weekday, kept.hour, kept.time_zone) == (None, None, None)


def test_a_day_that_is_not_asked_for_stays(world: World, path: str) -> None:
    """It counts again with the next weekly mail, or a series."""
    world.post(path, {"section": "when", "weekday": "4", "hour": "18", "zone": ""})
    assert not world.page(path).all("select", name="weekday")
    world.post(path, {"section": "when", "hour": "9", "zone": ""})
    assert (reader(world).weekday, reader(world).hour) == (4, 9)


@pytest.mark.parametrize(
    "wish", [{"zone": "../../etc/passwd"}, {"zone": "Mars/Olympus"}, {"zone": "A" * 5000}, {"zone": "\0"}]
)
def test_a_zone_that_is_none_changes_nothing(world: World, path: str, wish: dict[str, str]) -> None:
    world.post(path, {"section": "when", "hour": "18"})
    assert world.post(path, {"section": "when", "hour": "9"} | wish).status_code == 200
    assert reader(world).hour == 18


@pytest.mark.parametrize("hour", ["24", "-1", "9.5", "", "٩", "9" * 400])
def test_an_hour_that_no_clock_shows_is_left_to_us(world: World, path: str, hour: str) -> None:
    assert world.post(path, {"section": "when", "hour": hour}).status_code == 200
    assert reader(world).hour is None


def test_the_next_mail_is_told_in_the_reader_s_own_time(world: World, readers: Readers, path: str) -> None:
    """What the page says is what planning answers."""
    publish(world, 24)
    world.post(path, {"section": "notices", "notice": ["1"], "cadence-1": "weekly"})
    world.post(path, {"section": "when", "weekday": "3", "hour": "18", "zone": "America/St_Johns"})
    with world.write() as session:
        due_at = next_mail_at(session, readers.active.id, world.clock())
    assert due_at is not None
    assert due_at.isoformat() == "2026-03-05T21:30:00+00:00"
    assert "Thursday, March 5, about 6 p.m." in world.page(path).one("p", **{"class": "lead"}).text


def test_a_break_and_its_end(world: World, path: str) -> None:
    page = world.page(path)
    pauses = [one["value"] for one in page.all("button", name="months")]
    assert pauses == ["1", "3", "6"]
    answer = Page(world.post(path, {"section": "pause", "months": "3"}).text)
    assert "Paused until Tuesday, June 2." in answer.one("section", id="pause").text
    assert not answer.all("button", name="months")
    assert "You get our emails again." in world.post(path, {"section": "go-on"}).text
    assert reader(world).paused_until is None


@pytest.mark.parametrize("months", ["", "2", "1200", "x"])
def test_only_the_breaks_on_offer_are_taken(world: World, path: str, months: str) -> None:
    world.post(path, {"section": "pause", "months": months})
    assert reader(world).paused_until is None


@pytest.mark.parametrize(("press", "owed"), [("send", 2), ("forget", 0)])
def test_what_was_missed_is_offered_and_not_dumped(
    world: World, readers: Readers, path: str, press: str, owed: int
) -> None:
    world.post(path, {"section": "pause", "months": "1"})
    world.clock.forward(days=1)
    for number in (24, 25):
        publish(world, number)
    world.clock.forward(days=1)
    assert "While you were away" not in world.get(path).text
    world.post(path, {"section": "go-on"})
    page = world.page(path)
    section = page.one("section", id="pause")
    missed = [one["href"] for one in page.all("a") if section in one.ancestors]
    assert missed == ["/tips/25-walk-a-little-25", "/tips/24-walk-a-little-24"]
    with world.write() as session:
        assert next_mail_at(session, readers.active.id, world.clock()) is None, "nothing comes unasked"
    world.post(path, {"section": "missed", "missed": press})
    with world.write() as session:
        assert len(session.scalars(select(Owed)).all()) == owed
    assert "While you were away" not in world.get(path).text


def test_more_tips_are_no_more_questions(world: World, readers: Readers, path: str) -> None:
    """What was missed in half a year is asked for at once."""
    asked = []
    for numbers in (range(1, 3), range(3, 12)):
        miss(world, readers.active.id, [publish(world, number) for number in numbers])
        world.get(path)
        asked.append(questions(world, path))
    assert asked[0] == asked[1]


def miss(world: World, reader_id: int, tip_ids: list[int]) -> None:
    """Let these tips have come out during a break."""
    with world.write() as session:
        row = subscriptions.of_subscriber(session, reader_id, [1])[0]
        for place in session.scalars(select(Publication).where(Publication.tip_id.in_(tip_ids))):
            session.add(Missed(subscription_id=row.id, publication_id=place.id))


def questions(world: World, path: str) -> int:
    """Return how many statements a look at the page takes."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert world.get(path).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def test_how_it_looks(world: World, path: str) -> None:
    for layout in ("large", "text", "standard"):
        world.post(path, {"section": "looks", "layout": layout})
        assert chosen(world.page(path), "layout") == [layout]
    world.post(path, {"section": "looks", "layout": "comic"})
    assert reader(world).layout == "standard"


def test_everything_is_asked_in_french(world: World, path: str) -> None:
    world.post(path, {"section": "notices", "notice": ["1"], "cadence-1": "weekly"})
    words = world.page(f"{path}?lang=fr").one("main").text
    for each in (
        "Chacun, dès qu'il est prêt",
        "Notre jour : mardi",
        "Vers 18 h",
        "Pause de 3 mois",
    ):
        assert each in words


def test_the_end_of_a_break_comes_by_itself(world: World, readers: Readers, path: str) -> None:
    """The tick ends it; the page then offers what was missed."""
    world.post(path, {"section": "pause", "months": "1"})
    world.clock.forward(days=1)
    publish(world, 24)
    world.clock.forward(days=40)
    with world.write() as session:
        assert subscriptions.end_pauses(session, world.clock()) == 1
    assert "While you were away" in world.get(path).text
    assert reader(world).paused_until is None


def test_what_was_sent_is_told_with_its_page(world: World, readers: Readers, path: str) -> None:
    assert "What we sent you" not in world.get(path).text
    send(world, readers.active.id, publish(world, 24))
    page = world.page(path)
    section = page.one("section", **{"aria-labelledby": "lately-heading"})
    [row] = [one for one in page.all("a") if section in one.ancestors]
    assert (row.text, row["href"]) == (
        "Tip 24: Walk a little 24 (March 2, 2026)",
        "/tips/24-walk-a-little-24",
    )


def send(world: World, reader_id: int, tip_id: int) -> None:
    """Write into the ledger that a server took a mail with this tip."""
    at = world.clock()
    with world.write() as session:
        campaign = Campaign(occurrence="tip:24", state="finished", due_at=at, created_at=at, tip_id=tip_id)
        session.add(campaign)
        session.flush()
        edition = Edition(campaign_id=campaign.id, key="1", language="en", layout="standard", created_at=at)
        session.add(edition)
        session.flush()
        session.add(EditionItem(edition_id=edition.id, publication_id=1, position=0))
        session.add(
            Delivery(
                campaign_id=campaign.id,
                subscriber_id=reader_id,
                shard=0,
                edition_id=edition.id,
                domain="example.ca",
                state="accepted",
                due_at=at,
                attempts=1,
                first_attempt_at=at,
            )
        )
