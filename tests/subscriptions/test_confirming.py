"""Confirming on a real database: once, at the head of the stream, with proof and one welcome mail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import URL, select, text
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import notices, subscribers, subscriptions
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.links import Purpose
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscriptions import ConsentRecord, Signup, WelcomeFacts
from tests.factories.people import (
    EVIDENCE,
    HASH_KEY,
    a_form,
    a_subscriber,
    an_active_reader,
    confirm,
    decide,
    kinds,
    mails,
    sign_up,
    states,
    three_notices,
)
from tests.waiting import until

DAY = timedelta(days=1)


def test_the_page_is_a_question(session: Session, now: datetime, chosen: list[int]) -> None:  # S7
    signup = sign_up(session, chosen[:2], now)
    session.commit()
    view = subscriptions.confirm_page(session, signup, now)
    assert (view.state, view.notice_ids, view.masked_address) == ("ready", (*chosen[:2],), "r•••@example.ca")
    assert not session.dirty
    assert states(session, a_subscriber(session)) == dict.fromkeys(chosen[:2], "pending")


def test_confirming_starts_at_the_head(session: Session, now: datetime, chosen: list[int]) -> None:
    for _ in range(3):
        notices.next_seq(session, chosen[0])
    signup = sign_up(session, chosen[:1], now)
    notices.next_seq(session, chosen[0])
    assert confirm(session, signup, now + DAY).state == "done"
    (row,) = subscriptions.of_subscriber(session, a_subscriber(session).id)
    assert (row.state, row.cursor, row.confirmed_at) == ("active", 4, now + DAY)
    assert subscriptions.head(session, chosen[0]) == 4


def test_coming_back_starts_at_the_head_again(session: Session, now: datetime, chosen: list[int]) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    subscriptions.stop(session, reader.id, None, source="one-click", now=now)
    for _ in range(5):
        notices.next_seq(session, chosen[0])
    confirm(session, sign_up(session, chosen[:1], now + DAY), now + DAY)
    (row,) = subscriptions.of_subscriber(session, reader.id)
    assert (row.cursor, row.ended_at, row.end_reason) == (5, None, None)


def test_confirming_leaves_an_active_cursor_alone(session: Session, now: datetime, chosen: list[int]) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    more = sign_up(session, chosen[:2], now + DAY)
    notices.next_seq(session, chosen[0])
    confirm(session, more, now + DAY)
    cursors = {row.notice_id: row.cursor for row in subscriptions.of_subscriber(session, reader.id)}
    assert cursors == {chosen[0]: 0, chosen[1]: 0}


def test_consent_is_proved_by_the_page_of_the_press(  # L1
    session: Session, now: datetime, chosen: list[int]
) -> None:
    signup = sign_up(session, chosen[:1], now)
    confirm(session, signup, now + DAY)
    record = session.scalars(select(ConsentRecord).where(ConsentRecord.act == "confirmed")).one()
    assert (record.notice_id, record.signup_id, record.at) == (chosen[0], signup.id, now + DAY)
    assert (record.wording, record.page_url, record.ip) == (EVIDENCE.wording, EVIDENCE.page_url, EVIDENCE.ip)


def test_the_welcome_mail_carries_its_links(session: Session, now: datetime, chosen: list[int]) -> None:
    signup = sign_up(session, chosen[:2], now)
    due_at = {chosen[1]: now + DAY, chosen[2]: now}
    welcome = WelcomeFacts(due_at, "Exercise", 24, "https://news.example.org/tips/24-exercise")
    subscriptions.confirm(session, signup, welcome=welcome, evidence=EVIDENCE, now=now)
    mail = mails(session)[-1]
    reader = a_subscriber(session)
    assert (mail.kind, mail.facts["notice_ids"]) == ("welcome", chosen[:2])
    assert (mail.facts["first_at"], mail.facts["tip_number"]) == ((now + DAY).isoformat(), 24)
    stop = LinkSpec.from_facts(mail.facts["stop"])
    assert (stop.purpose, stop.ids, stop.nonce) == (Purpose.STOP, (reader.id, *chosen[:2]), b"")  # M30
    assert LinkSpec.from_facts(mail.facts["choices"]).nonce == reader.nonce


def test_a_second_press_shows_the_same_page_and_sends_nothing(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    signup = sign_up(session, chosen[:1], now)
    first = confirm(session, signup, now)
    assert confirm(session, signup, now + timedelta(seconds=1)) == first
    assert kinds(session) == ["confirm", "welcome"]


def test_two_presses_at_once_make_one_welcome(
    session: Session, sessions: sessionmaker[Session], now: datetime, chosen: list[int]
) -> None:
    signup_id = sign_up(session, chosen[:2], now).id
    session.commit()
    barrier = Barrier(2)

    def press(_: int) -> str:
        barrier.wait(timeout=10)
        with sessions.begin() as own:
            return confirm(own, own.get_one(Signup, signup_id), now).state

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(press, range(2))) == ["done", "done"]
    assert kinds(session) == ["confirm", "welcome"]
    acts = session.scalars(select(ConsentRecord.act).where(ConsentRecord.act == "confirmed")).all()
    assert len(acts) == 2


def test_too_old_does_nothing_and_offers_a_new_link(  # S8
    session: Session, now: datetime, chosen: list[int]
) -> None:
    signup = sign_up(session, chosen[:1], now)
    later = now + 8 * DAY
    assert confirm(session, signup, later).state == "too-old"
    assert states(session, a_subscriber(session)) == {chosen[0]: "pending"}
    renewed = subscriptions.renew_link(session, signup, later)
    decide(session, renewed, later)
    assert (renewed.notice_ids, renewed.wording, renewed.language) == (chosen[:1], signup.wording, "en")
    assert renewed.nonce != signup.nonce
    assert LinkSpec.from_facts(mails(session)[-1].facts["link"]).ids == (renewed.id,)
    assert confirm(session, renewed, later).state == "done"


def test_stopped_since_is_told_with_its_date(session: Session, now: datetime, chosen: list[int]) -> None:
    signup = sign_up(session, chosen[:1], now)
    confirm(session, signup, now)
    subscriptions.stop(session, a_subscriber(session).id, None, source="one-click", now=now + DAY)
    view = confirm(session, signup, now + 2 * DAY)
    assert (view.state, view.stopped_at) == ("stopped", now + DAY)
    assert states(session, a_subscriber(session)) == {chosen[0]: "ended"}


def test_stopped_before_it_was_confirmed(session: Session, now: datetime, chosen: list[int]) -> None:
    signup = sign_up(session, chosen[:1], now)
    stopped = subscriptions.stop(session, a_subscriber(session).id, None, source="page", now=now)
    assert stopped.ended == (chosen[0],)
    assert confirm(session, signup, now).state == "stopped"
    assert kinds(session) == ["confirm"]


def test_a_come_back_stopped_before_it_was_confirmed(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    subscriptions.stop(session, reader.id, None, source="one-click", now=now)
    signup = sign_up(session, chosen[:1], now + DAY)
    subscriptions.stop(session, reader.id, None, source="one-click", now=now + DAY)
    assert confirm(session, signup, now + DAY).state == "stopped"


def test_a_reader_who_is_gone_gets_a_page_and_no_fault(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    signup = sign_up(session, chosen[:1], now)
    session.delete(a_subscriber(session))
    session.flush()
    session.expire_all()
    assert confirm(session, signup, now).state == "too-old"


def test_the_form_decides_the_language_of_a_new_reader_only(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    first = subscriptions.receive(session, a_form(chosen[:1], language="fr"), now)
    decide(session, first, now)
    confirm(session, first, now)
    reader = a_subscriber(session)
    assert reader.language == "fr"
    second = subscriptions.receive(session, a_form(chosen[1:2], language="en"), now + DAY)
    decide(session, second, now + DAY)
    confirm(session, second, now + DAY)
    assert a_subscriber(session).language == "fr"


def test_an_old_mailbox_cannot_choose_for_who_has_left_it(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    signup = sign_up(session, chosen[1:2], now + DAY)
    asked = subscribers.ask_address_change(
        session, reader, parse_address("nora@example.org"), hash_key=HASH_KEY, now=now + DAY
    )
    assert asked.change_id is not None
    subscribers.confirm_address_change(session, asked.change_id, hash_key=HASH_KEY, now=now + DAY)
    assert confirm(session, signup, now + DAY).state == "too-old"
    assert states(session, reader) == {chosen[0]: "active", chosen[1]: "pending"}


@pytest.mark.postgres
def test_a_stop_in_the_same_moment_is_not_overruled(postgres_database: URL, now: datetime) -> None:
    """Whatever confirming read before it had to wait is no longer so; SQLite lets one writer in at a time."""
    engine = make_engine(postgres_database)
    sessions = sessionmaker(engine, expire_on_commit=False)
    with sessions.begin() as session:
        ids = [notice.id for notice in three_notices(session, now)]
        signup_id = sign_up(session, ids, now).id
        reader_id = a_subscriber(session).id

    def press() -> str:
        with sessions.begin() as session:
            return confirm(session, session.get_one(Signup, signup_id), now).state

    def waits() -> bool:
        with sessions() as session:
            return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            subscriptions.stop(session, reader_id, None, source="page", now=now)
            answer = pool.submit(press)
            until(waits, "the press waits for the stop")
        assert answer.result(timeout=30) == "stopped"
    with sessions() as session:
        assert set(states(session, a_subscriber(session)).values()) == {"ended"}  # L8: it stays stopped
    engine.dispose()
