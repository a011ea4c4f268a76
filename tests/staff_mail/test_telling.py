"""What staff are told: the right people, once each, whoever looks, and nothing they switched off."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app import figures, ledger, organisation, staff_mail
from newsletter_app.campaigns import Campaign
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.mail.replies import Reply
from newsletter_app.service_mail import ServiceMail
from newsletter_app.staff_mail import StaffTelling
from newsletter_app.tips import writing
from tests.delivery.conftest import World
from tests.factories.people import an_organisation
from tests.factories.staff import make_staff
from tests.fakes.transports import ScriptedTransport
from tests.staff_mail.conftest import Desk

EDITOR, PUBLISHER, OWNER = "editor@example.org", "publisher@example.org", "owner@example.org"


def ask(desk: Desk, by: str = EDITOR) -> None:
    desk.tips[0].stage = "draft"
    writing.ask_approval(desk.session, desk.tips[0], by=by, now=desk.now)


def test_a_tip_that_waits_is_told_to_whoever_may_approve_it(desk: Desk) -> None:
    ask(desk)
    assert desk.tell() == [("review", "owner"), ("review", "publisher")]
    assert desk.facts()["who"] == EDITOR
    assert desk.tell(hours=1) == []
    writing.give_back(desk.session, desk.tips[0], "Shorter.", by=OWNER, now=desk.now)
    assert desk.tell(hours=2) == [("decided", "editor")]
    assert (desk.facts()["step"], desk.facts()["comment"]) == ("given-back", "Shorter.")
    ask(desk)
    assert desk.tell(hours=3) == [("review", "owner"), ("review", "publisher")]


def test_where_another_must_approve_no_writer_is_asked(desk: Desk) -> None:
    organisation.let_writer_approve(desk.session, False)
    tip = desk.tips[0]
    tip.stage = "draft"
    kept = writing.written(desk.session, tip, "en")
    assert isinstance(kept.content, writing.SideText)
    text = replace(kept.content, title="Walk a lot")
    writing.write(desk.session, tip, "en", text, base=kept.revision, by=PUBLISHER, now=desk.now)
    ask(desk)
    assert desk.tell() == [("review", "owner")]
    writing.approve(desk.session, tip, by=OWNER, now=desk.now)
    assert desk.tell(minutes=1) == [("decided", "editor"), ("decided", "publisher")]


def test_what_goes_out_tomorrow_is_told_the_day_before(desk: Desk) -> None:
    campaign = desk.schedule(desk.tips[0], desk.now + timedelta(days=2))
    assert desk.tell() == []
    assert desk.tell(days=1) == [("tomorrow", "owner"), ("tomorrow", "publisher")]
    assert desk.tell(days=1, hours=1) == []
    campaign.due_at += timedelta(days=1)
    assert desk.tell(days=1, hours=2) == []
    assert desk.tell(days=2) == [("tomorrow", "owner"), ("tomorrow", "publisher")]


def test_an_empty_week_is_told_once(desk: Desk) -> None:
    assert desk.tell(days=3) == []  # Nobody who never sent anything is hurried.
    sent = desk.schedule(desk.tips[0], desk.now)
    sent.state, sent.started_at = "finished", desk.now
    assert desk.tell(days=2) == []
    assert desk.tell(days=3) == [("gap", "owner"), ("gap", "publisher")]
    assert desk.tell(days=4) == []
    desk.schedule(desk.tips[1], desk.now + timedelta(days=15))
    assert [kind for kind, _ in desk.tell(days=10)] == []
    assert [kind for kind, _ in desk.tell(days=17)] == ["gap", "gap"]


def hold(desk: Desk, reason: str, by: str = "question") -> None:
    running = update(Campaign).values(state="paused", paused_by=by, pause_reason=reason)
    desk.session.execute(running)


def test_sending_that_stands_still_is_told_once_while_the_reason_stands(desk: Desk) -> None:
    for tip in desk.tips:
        desk.schedule(tip, desk.now + timedelta(days=9))
    hold(desk, "mx:25: 554 no", by="breaker")
    both = [("stopped", "owner"), ("stopped", "publisher")]
    assert desk.tell() == both  # One server, one mail, however many campaigns.
    hold(desk, "mx:25: 554 still no", by="breaker")
    assert desk.tell(minutes=30) == []
    desk.session.execute(update(Campaign).values(state="scheduled", paused_by=None))
    assert desk.tell(minutes=40) == []
    hold(desk, "mx:25: 554 no", by="breaker")
    assert desk.tell(minutes=80) == []  # It comes and goes.
    desk.session.execute(update(Campaign).values(state="scheduled", paused_by=None))
    hold(desk, "mx:25: 554 no", by="breaker")
    assert desk.tell(minutes=200) == both


def test_each_held_campaign_and_each_lock_is_a_reason(desk: Desk) -> None:
    for tip in desk.tips:
        desk.schedule(tip, desk.now + timedelta(days=9))
    hold(desk, "overdue")
    assert len(desk.tell()) == 4
    hold(desk, "complaints:3 of 500")
    assert len(desk.tell(minutes=1)) == 4
    assert desk.facts()["why"] == "complaints"
    hold(desk, "by eve", by="staff")
    assert desk.tell(minutes=2) == []
    ledger.lock_sending(desk.session, ledger.RESTORED, "", desk.now)
    assert len(desk.tell(minutes=3)) == 2


def test_the_board_is_told_of_a_whole_month(desk: Desk) -> None:
    for day in range(1, 28):
        figures.fold_day(desk.session, date(2026, 2, day))
    assert desk.tell() == []
    figures.fold_day(desk.session, date(2026, 2, 28))
    assert desk.tell() == [("board", "owner"), ("board", "viewer")]
    assert desk.tell(hours=5) == []


def test_what_is_switched_off_is_not_mailed_and_not_made_up_for(desk: Desk) -> None:
    publisher, owner = desk.staff["publisher"], desk.staff["owner"]
    for person in (publisher, owner):
        staff_mail.choose(desk.session, person.id, person.role, ["tomorrow"])
    desk.schedule(desk.tips[0], desk.now + timedelta(days=9))
    hold(desk, "overdue")
    ask(desk)
    assert desk.tell() == [("stopped", "owner")]  # Somebody must hear of it.
    staff_mail.choose(desk.session, publisher.id, publisher.role, staff_mail.KINDS)
    assert staff_mail.silences(desk.session, publisher.id) == set()
    assert desk.tell(hours=1) == []


def test_who_is_not_active_or_came_later_is_told_nothing(desk: Desk) -> None:
    desk.staff["publisher"].state = "disabled"
    ask(desk)
    assert desk.tell() == [("review", "owner")]


def send_three(world: World, now: datetime) -> None:
    """One of three readers does not exist; then the campaign is over."""
    world.launched(3)
    gone = Reply(550, "5.1.1", "<reader1@example.ca>: no such user")
    world.send(world.office(ScriptedTransport(world.clock, {"reader1@example.ca": [gone]})))
    assert world.campaign_state() == "finished"


def test_a_campaign_that_is_over_is_told_with_what_became_of_it(world: World, now: datetime) -> None:
    with world.unit_of_work() as session:
        an_organisation(session)
        make_staff(session, "publisher", now - timedelta(days=1))
    send_three(world, now)
    with world.unit_of_work() as session:
        assert staff_mail.tell(session, world.clock()) == 1
        [mail] = session.scalars(select(ServiceMail).where(ServiceMail.kind == "staff-went"))
        counts = mail.facts["staff"]["counts"]
        assert (counts["accepted"], counts["refused"], counts["uncertain"]) == (2, 1, 0)
        [trouble] = mail.facts["staff"]["troubles"]
        assert trouble["readers"] == 1
        assert trouble["said"].startswith("550 5.1.1 ")
        assert "example.ca" not in str(mail.facts)  # No reader's address.
    world.clock.move(minutes=1)
    with world.unit_of_work() as session:
        make_staff(session, "publisher", world.clock(), address="late@example.org")
        assert staff_mail.tell(session, world.clock()) == 0


def test_two_who_look_at_once_make_one_mail(
    unit_of_work: UnitOfWork, session: Session, now: datetime
) -> None:
    with unit_of_work() as other:
        an_organisation(other)
        make_staff(other, "publisher", now - timedelta(days=1))
        make_staff(other, "owner", now - timedelta(days=1))
        ledger.lock_sending(other, ledger.RESTORED, "", now)
    start = threading.Barrier(2)
    told: list[int] = []

    def look() -> None:
        start.wait()
        with unit_of_work() as mine:
            told.append(staff_mail.tell(mine, now))

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert sum(told) == 2
    assert len(session.scalars(select(StaffTelling)).all()) == 2
    mails = session.scalars(select(ServiceMail.address).where(ServiceMail.kind == "staff-stopped"))
    assert sorted(mails) == [OWNER, PUBLISHER]
