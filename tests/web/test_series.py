"""Reading from tip 1: offered where a notice offers it, begun, changed and stopped on the choices page."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import subscriptions, tips
from newsletter_app.kernel.links import Purpose
from newsletter_app.notices import Notice
from newsletter_app.planning import next_mail_at
from newsletter_app.subscriptions import Owed, Series
from tests.factories.content import make_tip
from tests.web.conftest import Readers, World
from tests.web.dom import Page

BEGIN = {"section": "series", "of": "1", "act": "begin", "pace": "twice"}


@pytest.fixture
def path(links: dict[Purpose, str], world: World) -> str:
    """Give the page as a newsletter's link opens it, once tips 1 and 2 are on the web."""
    with world.write() as session:
        notice = session.get_one(Notice, 1)
        notice.offers_series = True
        for number in (1, 2):
            make_tip(session, notice, number, world.clock())
    return f"/choices/{links[Purpose.CHOICES]}"


def series(world: World, readers: Readers) -> Series | None:
    """Return the reader's series as stored now."""
    with world.write() as session:
        rows = subscriptions.of_subscriber(session, readers.active.id, [1])
        return subscriptions.series_of(session, [rows[0].id]).get(rows[0].id)


def is_live(world: World, readers: Readers) -> bool:
    """Whether live tips come to the reader meanwhile."""
    with world.write() as session:
        return subscriptions.of_subscriber(session, readers.active.id, [1])[0].live


def section(page: Page) -> str:
    """Return the words of the section."""
    found = page.all("section", id="series")
    return found[0].text if found else ""


def test_it_is_offered_where_the_notice_does(world: World, readers: Readers, path: str) -> None:
    words = section(world.page(path))
    assert "Read the tips in their order, at your own pace." in words
    assert [button["value"] for button in world.page(path).all("button", name="act")] == ["begin"]
    with world.write() as session:
        session.get_one(Notice, 1).offers_series = False
    assert not section(world.page(path))
    world.post(path, BEGIN)
    assert series(world, readers) is None


def test_beginning_changing_and_stopping(world: World, readers: Readers, path: str) -> None:
    assert "You read from tip 1 from now on." in world.post(path, BEGIN).text
    begun = series(world, readers)
    assert begun is not None
    assert (begun.pace, begun.position, is_live(world, readers)) == ("twice", 0, False)
    page = world.page(path)
    assert "Your first tip is still to come." in section(page)
    assert [one["value"] for one in page.all("input", name="pace") if "checked" in one] == ["twice"]
    changed = BEGIN | {"act": "change", "pace": "daily", "live": "1"}
    assert "Saved" in section(Page(world.post(path, changed).text))
    begun = series(world, readers)
    assert begun is not None
    assert (begun.pace, is_live(world, readers)) == ("daily", True)
    assert "checked" in world.page(path).one("input", name="live")
    assert "You read no more from tip 1." in world.post(path, BEGIN | {"act": "stop"}).text
    assert (series(world, readers), is_live(world, readers)) == (None, True)


def test_a_stop_that_is_undone_costs_no_series(
    world: World, readers: Readers, path: str, links: dict[Purpose, str]
) -> None:
    """A slip of the hand in a series' mail, and the same day back; another way back begins anew."""
    world.post(path, BEGIN)
    stop = f"/stop/{links[Purpose.STOP]}"
    undo = next(form for form in Page(world.post(stop).text).all("form") if "/restart/" in form["action"])
    with world.write() as session:
        ahead = owed(session)
    world.post(undo["action"])
    begun = series(world, readers)
    assert begun is not None
    assert (begun.pace, is_live(world, readers)) == ("twice", False)  # M30
    with world.write() as session:
        assert owed(session) == ahead
        assert len(ahead) == 2
    world.post(stop)
    world.post(path, {"section": "again"})
    assert series(world, readers) is None


def owed(session: Session) -> list[int]:
    """Return what is still to come to anybody."""
    return sorted(session.scalars(select(Owed.publication_id)))


@pytest.mark.parametrize(("pace", "asked"), [("daily", 0), ("twice", 1), ("weekly", 1)])
def test_the_day_is_asked_where_a_series_has_one(world: World, path: str, pace: str, asked: int) -> None:
    """Whoever reads each tip as it comes has no other place to say on which day the series goes on."""
    world.post(path, BEGIN | {"pace": pace})
    assert len(world.page(path).all("select", name="weekday")) == asked


def test_where_one_stands_is_told(world: World, readers: Readers, path: str) -> None:
    """Up to the highest tip that was reserved, of the highest on the web; in French, too."""
    world.post(path, BEGIN)
    with world.write() as session:
        row = subscriptions.of_subscriber(session, readers.active.id, [1])[0]
        subscriptions.series_of(session, [row.id])[row.id].position = 1
    assert "You have read up to tip 1 of 2." in section(world.page(path))
    assert "Vous avez lu jusqu'au conseil 1 sur 2." in section(world.page(f"{path}?lang=fr"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pace": "hourly"},
        {"pace": ""},
        {"of": "2"},
        {"of": "4711"},
        {"of": ""},
        {"act": "dance"},
        {"act": ""},
    ],
)
def test_what_no_page_sends_changes_nothing(
    world: World, readers: Readers, path: str, wrong: dict[str, str]
) -> None:
    assert world.post(path, BEGIN | wrong).status_code == 200
    assert series(world, readers) is None


def test_the_next_mail_is_the_planner_s_answer(world: World, readers: Readers, path: str) -> None:
    world.post(path, BEGIN | {"pace": "daily"})
    with world.write() as session:
        due_at = next_mail_at(session, readers.active.id, world.clock())
    assert due_at is not None
    assert due_at.isoformat() == "2026-03-04T16:00:00+00:00"
    assert "Wednesday, March 4, about 9 a.m." in world.page(path).one("p", **{"class": "lead"}).text


def test_whoever_had_every_tip_is_offered_nothing(world: World, path: str) -> None:
    with world.write() as session:
        for number in (1, 2):
            tip = tips.find_by_number(session, number)
            assert tip is not None
            tips.withdraw(session, tip, "Out of date.", world.clock())
    assert not section(world.page(path))


def test_fewer_mails_end_it(world: World, readers: Readers, links: dict[Purpose, str], path: str) -> None:
    """Who asks the stop page for one mail a month does not want one a day."""
    world.post(path, BEGIN | {"pace": "daily", "live": "1"})
    stop = f"/stop/{links[Purpose.STOP]}"
    assert "once a month" in world.post(stop, {"what": "monthly"}).text.lower()
    assert (series(world, readers), is_live(world, readers)) == (None, True)


def test_signing_up_leads_to_it(world: World, links: dict[Purpose, str], path: str) -> None:
    """The page that says "You are subscribed" leads to the section, where the notice offers a series."""
    confirm = f"/confirm/{links[Purpose.CONFIRM]}"
    page = Page(world.post(confirm).text)
    [link] = [one for one in page.all("a") if one["href"].endswith("#series")]
    assert link.text == "Begin with tip 1, at your own pace"
    assert section(world.page(link["href"].removesuffix("#series")))
