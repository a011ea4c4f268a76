"""Stopping: from the page and from the mail program, for ever, idempotent, with a day's Undo."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete

from config import Settings
from newsletter_app import subscriptions
from newsletter_app.kernel import departures
from newsletter_app.kernel.links import Links, Purpose
from newsletter_app.subscribers import Subscriber
from tests.factories import people
from tests.web.conftest import Readers, World
from tests.web.dom import Page

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def path(world: World, readers: Readers) -> str:
    """Give the stop link of a mail with the first notice."""
    return f"/stop/{world.token(Purpose.STOP, (readers.active.id, readers.notice_ids[0]))}"


def states(world: World, readers: Readers) -> list[str]:
    """Return the states of the active reader's two subscriptions."""
    with world.write() as session:
        return list(people.states(session, readers.active).values())


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_stops_without_anything_a_mail_program_lacks(
    world: World, readers: Readers, path: str, content_type: str
) -> None:
    for _ in range(2):
        answer = world.client.post(  # M28: no cookie, token, Referer, Origin or browser
            path, base_url="https://news.example.org", data=ONE_CLICK, content_type=content_type
        )
        assert answer.status_code == 200
        assert len(answer.data) < 20
        assert "Location" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert states(world, readers) == ["ended", "active"]


def test_one_click_ends_every_notice_of_that_mail(world: World, readers: Readers) -> None:
    token = world.token(Purpose.STOP, (readers.active.id, *readers.notice_ids[:2]))
    assert world.post(f"/stop/{token}", ONE_CLICK, headers={}).status_code == 200
    assert states(world, readers) == ["ended", "ended"]


@pytest.mark.parametrize("headers", [{"Origin": "https://mail.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_one_click_is_exempt_from_the_origin_check(
    world: World, readers: Readers, path: str, headers: dict[str, str]
) -> None:
    assert world.post(path, ONE_CLICK, headers=headers).status_code == 200  # S26's exception
    assert states(world, readers) == ["ended", "active"]


def test_one_click_is_never_throttled(world: World, readers: Readers, path: str) -> None:
    codes = {world.post(path, ONE_CLICK, headers={}).status_code for _ in range(200)}
    assert codes == {200}  # M32: providers post from few addresses


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing(world: World, readers: Readers, path: str, method: str) -> None:
    answer = world.client.open(path, method=method, base_url="https://news.example.org", data=ONE_CLICK)
    assert answer.status_code == 200
    assert states(world, readers) == ["active", "active"]  # M29


def test_page_asks_with_a_button_and_nothing_to_type(world: World, readers: Readers, path: str) -> None:
    page = world.page(path)
    main = page.one("main")
    buttons = [one.text for one in page.all("button") if main in one.ancestors]
    assert buttons[:2] == ["Stop Health tips", "Stop everything"]  # L9: this one, and all
    assert buttons[2:] == ["Once a month", *(f"Pause for {n}" for n in ("1 month", "3 months", "6 months"))]
    assert not [one for one in page.all("input") if main in one.ancestors]  # M29, L8
    assert "r•••@example.ca" in main.text
    assert "rose" not in main.text


def test_mail_with_several_notices_stops_them_with_one_button(world: World, readers: Readers) -> None:
    path = f"/stop/{world.token(Purpose.STOP, (readers.active.id, *readers.notice_ids[:2]))}"
    page = world.page(f"{path}?lang=fr")
    main = page.one("main")
    buttons = [one.text for one in page.all("button") if main in one.ancestors]
    assert buttons[0] == "Arrêter ces courriels"
    assert buttons[1:] == ["Une fois par mois", *(f"Pause de {n} mois" for n in (1, 3, 6))]
    done = Page(world.post(path, {"what": "these"}).text)
    undos = [one.text for one in done.all("button") if one.text.startswith("Undo")]
    assert undos == ["Undo: Health tips", "Undo: Events and groups"]


@pytest.mark.parametrize(
    ("what", "after"),
    [("these", ["ended", "active"]), ("all", ["ended", "ended"]), ("", ["ended", "active"])],
)
def test_one_press_stops_at_once(
    world: World, readers: Readers, path: str, what: str, after: list[str]
) -> None:
    first = world.post(path, {"what": what})
    assert states(world, readers) == after  # L8: at once
    assert first.status_code == 200
    assert world.post(path, {"what": what}).text == first.text
    done = Page(first.text)
    assert done.one("h1").text == "Stopped"
    assert "You will get no more Health tips" in done.one("p", **{"class": "lead"}).text


def test_once_a_month_is_for_the_notices_of_that_mail(world: World, readers: Readers, path: str) -> None:
    done = world.post(path, {"what": "monthly"})
    assert "You get Health tips in one email a month." in done.text
    with world.write() as session:
        rows = subscriptions.of_subscriber(session, readers.active.id)
        assert [(row.state, row.cadence) for row in rows] == [("active", "monthly"), ("active", "each")]
    assert "Once a month" not in world.get(path).text, "it is so already"


def test_a_pause_is_never_made_shorter_by_a_stop_link(world: World, readers: Readers, path: str) -> None:
    """It may do nothing but stop, whoever holds the mail."""  # M30
    done = world.post(path, {"what": "pause-3"})
    assert "We send you nothing until Tuesday, June 2." in done.text
    assert "Paused until Tuesday, June 2." in world.get(path).text
    world.post(path, {"what": "pause-1"})
    assert states(world, readers) == ["active", "active"]
    with world.write() as session:
        until = session.get_one(Subscriber, readers.active.id).paused_until
    assert until == datetime(2026, 6, 2, 6, tzinfo=UTC), "midnight in Edmonton"
    world.post(path, {"what": "pause-2"})
    assert states(world, readers) == ["ended", "active"], "what nobody offered is a press on the first button"


def test_why_is_asked_afterwards_and_stops_nothing(world: World, readers: Readers, path: str) -> None:
    assert not [one for one in world.page(path).all("button") if "name" in one and one["name"] == "why"]  # L9
    rows = [
        one for one in Page(world.post(path).text).all("button") if "name" in one and one["name"] == "why"
    ]
    assert [one.text for one in rows] == ["Too many emails", "Not for me", "Something else"]
    for row in rows:
        done = Page(world.post(path, {"why": row["value"]}).text)
        assert done.one("p", role="status").text == "Thank you for telling us."
        assert states(world, readers) == ["ended", "active"]
    assert whys(world, readers) == ["other", None], "the last word counts, and only for this mail's notice"
    world.post(path, {"why": "<script>"})
    assert whys(world, readers) == ["other", None]


def test_an_answer_before_the_stop_or_long_after_is_nobodys(
    world: World, readers: Readers, path: str
) -> None:
    world.post(path, {"why": "too-many"})
    assert states(world, readers) == ["active", "active"], "an answer stops nothing"
    world.post(path)
    world.clock.forward(days=1, seconds=1)
    world.post(path, {"why": "too-many"})
    assert whys(world, readers) == [None, None]


def whys(world: World, readers: Readers) -> list[str | None]:
    with world.write() as session:
        rows = subscriptions.of_subscriber(session, readers.active.id)
        return [row.end_why for row in sorted(rows, key=lambda row: row.notice_id)]


def test_undo_starts_again_for_a_day(world: World, readers: Readers, path: str) -> None:
    undo = next(form for form in Page(world.post(path).text).all("form") if "/restart/" in form["action"])
    assert "You get these emails again" in world.post(undo["action"]).text
    assert states(world, readers) == ["active", "active"]
    world.post(path)
    world.clock.forward(days=1, seconds=1)
    late = world.page(path)
    assert not [form for form in late.all("form") if "/restart/" in form["action"]]
    assert "You stopped these emails on March 2, 2026." in late.one("main").text
    world.post(undo["action"])
    assert states(world, readers) == ["ended", "active"]


def test_link_works_for_ever_and_after_rotation(
    world: World, readers: Readers, settings: Settings, path: str
) -> None:
    world.clock.forward(days=4000)
    old_links = world.ports.links
    rotated = Links(
        "https://news.example.org", [b"a newer key, also of thirty-two octs", *settings.link_keys]
    )
    object.__setattr__(world.ports, "links", rotated)
    assert rotated.token(Purpose.STOP, (1, 1)) != old_links.token(Purpose.STOP, (1, 1))
    assert world.post(path, ONE_CLICK, headers={}).status_code == 200  # M30
    assert states(world, readers) == ["ended", "active"]


def test_link_of_somebody_erased(world: World, readers: Readers, path: str) -> None:
    with world.write() as session:
        session.execute(delete(Subscriber).where(Subscriber.id == readers.active.id))
    assert world.post(path, ONE_CLICK, headers={}).status_code == 200  # M30
    for answer in (world.get(path), world.post(path)):
        assert answer.status_code == 410
        assert "We hold nothing about this address" in answer.text


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t + "A", lambda t: "A" + t[1:], lambda _t: "x" * 600]
)
def test_link_that_is_cut_or_forged(world: World, readers: Readers, path: str, spoil: Any) -> None:
    bad = "/stop/" + spoil(path.removeprefix("/stop/"))
    for answer in (world.get(bad), world.post(bad, ONE_CLICK, headers={})):
        assert answer.status_code == 404
        assert "This link is not complete" in answer.text
        assert Page(answer.text).all("a", href="/change")
    assert states(world, readers) == ["active", "active"]


def test_undo_leads_no_further_than_the_stop_link(world: World, readers: Readers, path: str) -> None:
    undo = next(form for form in Page(world.post(path).text).all("form") if "/restart/" in form["action"])
    answer = world.post(undo["action"])
    assert "You get these emails again" in answer.text
    assert "/choices/" not in answer.text  # M30: whoever holds a stop link may stop, and take that back


@pytest.mark.parametrize("source", ["choices", "staff", "mail"])
def test_stop_link_takes_back_nothing_that_was_stopped_elsewhere(
    world: World, readers: Readers, path: str, source: Any
) -> None:
    undo = next(form for form in Page(world.post(path).text).all("form") if "/restart/" in form["action"])
    world.post(undo["action"])
    with world.write() as session:
        subscriptions.stop(session, readers.active.id, None, source=source, now=world.clock())
    for answer in (world.get(path), world.post(path, {"what": "all"})):
        assert "/restart/" not in answer.text
    world.post(undo["action"])
    assert states(world, readers) == ["ended", "ended"]  # M30


def test_a_stop_is_told_outside_the_database(
    world: World, links: dict[Purpose, str], readers: Readers
) -> None:
    world.post(f"/stop/{links[Purpose.STOP]}")
    acts = list(departures.read(world.ports.departures.folder))
    kept = [(act.address_key, act.about) for act in acts if act.act == "withdrawn"]
    assert (readers.active.address_key, str(readers.notice_ids[0])) in kept  # S33
