"""Retention: each class of data goes when its time is over and not a day sooner, nobody's choices with it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from newsletter_app import feedback, preflight, privacy, service_mail, subscribers, subscriptions
from newsletter_app.feedback import FeedbackEvent
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.outbox import OutboxMessage
from newsletter_app.privacy import rules
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import AddressChange, Subscriber
from newsletter_app.subscriptions import ConsentRecord, Signup
from tests.factories import people

DAY = timedelta(days=1)


def let_go(unit_of_work: UnitOfWork, now: datetime) -> dict[str, int]:
    return privacy.let_go(unit_of_work, hash_key=people.HASH_KEY, now=now, stop=lambda: False)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def three(unit_of_work: UnitOfWork, now: datetime) -> None:
    """Give a reader, somebody who never confirmed, and a form for an address that nobody has."""
    with unit_of_work() as session:
        ids = [notice.id for notice in people.three_notices(session, now)]
        people.an_active_reader(session, ids[:1], now)
        people.sign_up(session, ids[:1], now, address="penny@example.ca")
        wanted = subscriptions.ask_for_link(session, people.a_form((), address="nobody@example.ca"), now)
        people.decide(session, wanted, now)


@pytest.mark.usefixtures("three")
def test_what_nobody_confirmed_goes_after_thirty_days(unit_of_work: UnitOfWork, now: datetime) -> None:
    assert let_go(unit_of_work, now + rules.UNCONFIRMED) == {}
    gone = let_go(unit_of_work, now + rules.UNCONFIRMED + DAY)
    assert gone == {"unconfirmed": 1, "forms": 2}  # L14
    with unit_of_work() as session:
        assert [reader.address for reader in session.scalars(select(Subscriber))] == [people.ROSE]
        (form,) = session.scalars(select(Signup)).all()
        assert (form.address, form.ip, form.user_agent) == (people.ROSE, "", "")
        asked = session.scalars(select(ConsentRecord).order_by(ConsentRecord.id)).all()
        assert [(record.act, record.ip) for record in asked] == [
            *(("asked", "203.0.113.7"), ("confirmed", "203.0.113.7"), ("asked", None)),
        ]
    assert let_go(unit_of_work, now + rules.UNCONFIRMED + DAY) == {}, "repeatable"


@pytest.mark.usefixtures("three")
def test_whoever_was_asked_for_again_waits_on(unit_of_work: UnitOfWork, now: datetime) -> None:
    with unit_of_work() as session:
        people.sign_up(session, [1], now + 25 * DAY, address="penny@example.ca")
    assert "unconfirmed" not in let_go(unit_of_work, now + rules.UNCONFIRMED + DAY)


@pytest.mark.usefixtures("three")
def test_a_reader_stays_and_who_left_goes_after_three_years(unit_of_work: UnitOfWork, now: datetime) -> None:
    much_later = now + 10 * rules.PROOF
    let_go(unit_of_work, much_later)
    with unit_of_work() as session:
        reader = people.a_subscriber(session)
        assert {record.ip for record in subscriptions.consents_of(session, reader.id)} == {"203.0.113.7"}
        subscriptions.stop(session, reader.id, None, source="page", evidence=people.EVIDENCE, now=much_later)
        came = {"source": "test", "raw": b"", "shape": "report", "state": "applied", "received_at": now}
        session.add(FeedbackEvent(digest="d", subscriber_id=reader.id, domain="rose.example", **came))
    assert "left" not in let_go(unit_of_work, much_later + rules.PROOF)
    assert let_go(unit_of_work, much_later + rules.PROOF + DAY)["left"] == 1  # L14
    with unit_of_work() as session:
        assert count(session, Subscriber) == 0
        proof = session.scalars(select(ConsentRecord)).all()
        assert {(record.subscriber_id, record.ip) for record in proof} == {(None, None)}
        (event,) = session.scalars(select(FeedbackEvent)).all()
        assert (event.subscriber_id, event.domain, event.state) == (None, None, "applied")


@pytest.mark.usefixtures("three")
def test_evidence_of_what_is_no_longer_read_goes_alone(unit_of_work: UnitOfWork, now: datetime) -> None:
    with unit_of_work() as session:
        reader = people.a_subscriber(session)
        subscriptions.choose(session, reader, [1, 2], evidence=people.EVIDENCE, now=now)
        subscriptions.choose(session, reader, [1], evidence=people.EVIDENCE, now=now)
    let_go(unit_of_work, now + rules.PROOF + DAY)
    with unit_of_work() as session:
        records = subscriptions.consents_of(session, people.a_subscriber(session).id)
        assert {(record.notice_id, record.ip) for record in records} == {(1, "203.0.113.7"), (2, None)}
        assert all(record.wording for record in records if record.act != "withdrawn")


@pytest.mark.usefixtures("three")
def test_mails_and_changes_go(unit_of_work: UnitOfWork, now: datetime) -> None:
    with unit_of_work() as session:
        reader, new = people.a_subscriber(session), people.parse_address("new@example.org")
        subscribers.ask_address_change(session, reader, new, hash_key=people.HASH_KEY, now=now)
        session.execute(update(ServiceMail).values(state="accepted", settled_at=now))
        session.add(OutboxMessage(key="s:1", sender="t@x", recipient="r@x", message=b"", created_at=now))
        waiting = service_mail.queue(
            session, "unknown", address="r@x", address_key="k", language="en", now=now
        )
        assert waiting is not None
    gone = let_go(unit_of_work, now + rules.MAILS + DAY)
    assert gone["outbox"] == 1
    with unit_of_work() as session:
        assert [mail.state for mail in session.scalars(select(ServiceMail))] == ["queued"], (
            "what waits is sent"
        )
        assert count(session, AddressChange) == 1
    let_go(unit_of_work, now + rules.ADDRESS_CHANGES + DAY)
    with unit_of_work() as session:
        assert count(session, AddressChange) == 0


def test_what_came_back_goes(unit_of_work: UnitOfWork, links: Links, now: datetime) -> None:
    with unit_of_work() as session:
        mail = b"Auto-Submitted: auto-replied\n\nI am away."
        feedback.receive(session, mail, source="test", links=links, now=now)
    assert let_go(unit_of_work, now + rules.MAILS) == {}
    assert let_go(unit_of_work, now + rules.MAILS + DAY) == {"came_back": 1}  # L14
    with unit_of_work() as session:
        assert [event.raw for event in feedback.newest(session)] == [b""]


def test_what_links_led_to_goes_when_it_counts_no_more(unit_of_work: UnitOfWork, now: datetime) -> None:
    with unit_of_work() as session:
        preflight.keep_try(session, "https://example.org/", "404", now)
    assert let_go(unit_of_work, now + preflight.TRY_COUNTS) == {}
    assert let_go(unit_of_work, now + preflight.TRY_COUNTS + DAY) == {"link_tries": 1}


@pytest.mark.usefixtures("three")
def test_it_is_broken_off_between_two_steps(unit_of_work: UnitOfWork, now: datetime) -> None:
    late = now + rules.UNCONFIRMED + DAY
    assert privacy.let_go(unit_of_work, hash_key=people.HASH_KEY, now=late, stop=lambda: True) == {}
    assert let_go(unit_of_work, late) == {"unconfirmed": 1, "forms": 2}
