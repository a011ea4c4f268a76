"""Home, the board's page, and which mails one gets: what stands there, for whom, and nothing of a reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from newsletter_app import campaigns, ledger, notices, organisation, staff_mail
from newsletter_app.campaigns import Campaign
from newsletter_app.figures import ALL, DailyFigure
from newsletter_app.identity import ROLES, Role
from newsletter_app.tips import Tip, writing
from newsletter_app.tips.writing import TipRevision
from tests.factories.content import make_tip
from tests.web.conftest import World
from tests.web.staff.conftest import Desks

TITLE = "Walk a little"


def a_tip(world: World, session: Session, number: int = 77) -> Tip:
    return make_tip(session, notices.offered(session)[0], number, world.clock())


def a_review(world: World, session: Session) -> None:
    tip = a_tip(world, session)
    tip.stage = tip.state = "draft"
    writing.ask_approval(session, tip, by="eve@example.org", now=world.clock())


def a_held_campaign(world: World, session: Session) -> None:
    tip = a_tip(world, session)
    campaigns.schedule(session, tip, due_at=world.clock() + timedelta(days=1), by="eve", now=world.clock())
    held = update(Campaign).where(Campaign.tip_id == tip.id)
    session.execute(held.values(state="paused", paused_by="question", pause_reason="overdue"))


def a_lock(world: World, session: Session) -> None:
    ledger.lock_sending(session, ledger.RESTORED, "", world.clock())


def a_late_tick(world: World, session: Session) -> None:
    ledger.beat(session, "bulk_tick", world.clock() - timedelta(minutes=5))


def a_resting_draft(world: World, session: Session) -> None:
    tip = a_tip(world, session)
    tip.stage = tip.state = "draft"
    tip.created_at = world.clock() - timedelta(days=31)
    mine = update(TipRevision).where(TipRevision.tip_id == tip.id)
    session.execute(mine.values(saved_at=tip.created_at))


def a_server_that_is_out(world: World, session: Session) -> None:
    ledger.trip(session, ledger.BreakerKind.server, "mx.example.org:25", ledger.Why("refused"), world.clock())


def no_postal_address(world: World, session: Session) -> None:
    for language in ("en", "fr"):
        organisation.set_words(session, language, postal_address="")


WRITERS = {"editor", "publisher", "owner"}
TO_DO: list[tuple[Callable[[World, Session], None], str, set[str]]] = [
    (a_review, "1 tip waits for approval.", WRITERS),
    (a_held_campaign, "It is more than six hours late", set(ROLES)),
    (a_lock, "All sending is locked: a backup was put back.", set(ROLES)),
    (a_late_tick, "has not been heard of for a while", set(ROLES)),
    (a_resting_draft, "1 draft has rested for more than a month.", WRITERS),
    (a_server_that_is_out, "mx.example.org:25 takes no mail", set(ROLES)),
    (no_postal_address, "The law asks for more about who sends.", {"owner"}),
]


@pytest.mark.parametrize(("cause", "words", "whom"), TO_DO, ids=[cause.__name__ for cause, _, _ in TO_DO])
def test_what_needs_doing_is_told_to_whoever_can_do_it(
    world: World, desk: Desks, cause: Callable[[World, Session], None], words: str, whom: set[str]
) -> None:
    before = {role for role in ROLES if words in desk(role).get("/console").text}
    with world.write() as session:
        cause(world, session)
    assert (before, {role for role in ROLES if words in desk(role).get("/console").text}) == (set(), whom)


def test_what_goes_out_next_and_how_many_readers(world: World, desk: Desks) -> None:
    with world.write() as session:
        tip = a_tip(world, session)
        due_at = world.clock() + timedelta(days=1)
        campaigns.schedule(session, tip, due_at=due_at, by="eve@example.org", now=world.clock())
        notice_id, today = tip.notice_id, organisation.local_day(session, world.clock())
        for each, readers in ((ALL, 1_234_567), (notice_id, 1_000_001)):
            session.add(
                DailyFigure(day=today - timedelta(days=1), notice_id=each, readers=readers, joined=31, left=7)
            )
    text = desk("viewer").get("/console").text
    assert "Tip 77" in text
    assert "1,234,567" in text
    assert "1,000,001" in text
    assert "@" not in text.replace("viewer@example.org", "")


def test_readers_counted_some_time_ago_are_told_as_that(
    world: World, desk: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More happened since than a page counts."""
    monkeypatch.setattr(import_module("newsletter_app.figures.standing"), "SHORT", -1)
    viewer = desk("viewer")
    text = viewer.get("/console").text
    assert "Nothing is counted yet. Days are counted the night after." in text
    assert "Joined" not in text
    with world.write() as session:
        session.add(DailyFigure(day=date(2026, 2, 27), notice_id=ALL, readers=1234, joined=40, left=6))
    text = viewer.get("/console").text
    assert "1,234" in text
    assert "Counted up to February 27, 2026." in text
    monkeypatch.undo()
    assert "Counted up to" not in viewer.get("/console").text


def test_the_boards_page(world: World, desk: Desks) -> None:
    with world.write() as session:
        for day, readers in ((date(2026, 1, 31), 1200), (date(2026, 2, 28), 1234)):
            session.add(DailyFigure(day=day, notice_id=ALL, readers=readers, joined=40, left=6))
    viewer = desk("viewer")
    newest = viewer.get("/console/board")
    assert newest.location == "/console/board/2026-02"
    text = viewer.get("/console/board/2026-02").text
    assert "1,234" in text
    assert "1,200" in text
    assert "Counted up to" not in text
    assert "Counted up to January" not in viewer.get("/console/board/2026-01").text
    assert "Nothing of this month is counted yet." in viewer.get("/console/board/2026-03").text


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "1999-12", "2026-04", "9999-12", "x", "2026-02-01"])
def test_a_month_that_is_none_is_not_found(world: World, desk: Desks, month: str) -> None:
    assert desk("viewer").get(f"/console/board/{month}").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_each_person_chooses_their_mails(world: World, desk: Desks, role: Role) -> None:
    client = desk(role)
    offered = staff_mail.offered(role)
    text = client.get("/console/account").text
    assert all(f'value="{kind}" checked' in text for kind in offered)
    client.post("/console/account/mails", {"kind": [offered[0], "nonsense"]})
    with world.write() as session:
        assert staff_mail.silences(session, client.actor.id) == set(offered[1:])
    assert (f'value="{offered[-1]}" checked' in client.get("/console/account").text) is (len(offered) == 1)
    assert ('value="stopped"' in text) is (role == "publisher")


def test_the_command_prints_the_same(world: World) -> None:
    with world.write() as session:
        for day, readers in ((date(2026, 1, 31), 1200), (date(2026, 2, 28), 1234)):
            session.add(DailyFigure(day=day, notice_id=ALL, readers=readers, joined=40, left=6))
    told = world.app.test_cli_runner().invoke(args=["board", "--month", "2026-02"])
    assert told.exit_code == 0, told.output
    assert [line.split() for line in told.output.splitlines()[1:4]] == [
        ["All", "notices", "February", "2026", "January", "2026"],
        ["readers", "1,234", "1,200"],
        ["joined", "40", "40"],
    ]
    data = world.app.test_cli_runner().invoke(args=["board", "--month", "2026-02", "--json"])
    assert '"readers": 1234' in data.output
    wrong = world.app.test_cli_runner().invoke(args=["board", "--month", "March"])
    assert (wrong.exit_code, "write the month as 2026-11" in wrong.output) == (2, True)
