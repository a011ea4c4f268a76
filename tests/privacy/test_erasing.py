"""Erasing: nothing anywhere names the person any more, nothing waits for them, and no count changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import (
    feedback,
    privacy,
    subscriptions,
    suppression,
)
from newsletter_app.delivery import DELIVERIES, Delivery
from newsletter_app.feedback import FeedbackEvent
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.links import Links
from newsletter_app.ledger import NextState, Record, State, record
from newsletter_app.mail.replies import Reply
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import ConsentRecord, Signup
from newsletter_app.suppression import Suppression
from newsletter_app.tables import metadata
from tests.factories import people
from tests.feedback.letters import DSN
from tests.privacy.conftest import ADDRESS, FORMER, OTHER, TRACES


def traces(session: Session) -> list[str]:
    """Return where, in all tables and columns, something of the person still stands."""
    session.flush()
    found = []
    for table in metadata.sorted_tables:
        for row in session.execute(select(table)):
            for name, value in row._mapping.items():
                told = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                found += [f"{table.name}.{name}: {trace}" for trace in TRACES if trace in told.lower()]
    return sorted(set(found))


def erase(session: Session, address: str, now: datetime) -> privacy.Erased:
    whose = privacy.subject_at(session, parse_address(address), people.HASH_KEY)
    return privacy.erase(session, whose, by="reader", now=now)


def test_nothing_names_the_person_any_more(session: Session, rose: Subscriber, now: datetime) -> None:
    """Every table and column is looked through, before as well."""
    tables = {trace.partition(".")[0] for trace in traces(session)}
    assert tables == {
        *("address_changes", "audit_entries", "consent_records", "deliveries", "feedback_events"),
        *("outbox_messages", "service_mails", "signups", "subscribers"),
    }
    others = len(session.scalars(select(Signup).where(Signup.address == OTHER)).all())
    found = erase(session, ADDRESS, now)
    session.expire_all()
    assert traces(session) == []  # L13, L14, L19
    assert found.was_subscriber
    assert found.deliveries == 1
    assert found.came_back == 3
    assert len(session.scalars(select(Signup)).all()) == others == 1, "only theirs go"
    assert people.a_subscriber(session, OTHER).address == OTHER


def test_only_a_keyed_hash_and_bare_proof_remain(session: Session, rose: Subscriber, now: datetime) -> None:
    keys = {address_key(people.HASH_KEY, parse_address(text)) for text in (ADDRESS, FORMER)}
    erase(session, ADDRESS, now)
    session.expire_all()
    held = session.scalars(select(Suppression)).all()
    assert {(row.address_key, row.scope, row.reason) for row in held} == {
        (key, "bulk", "erased") for key in keys
    }
    proof = session.scalars(select(ConsentRecord).where(ConsentRecord.address_key.in_(keys))).all()
    assert {record.act for record in proof} == {"asked", "confirmed", "withdrawn"}
    assert any("Choose notices to receive" in record.wording for record in proof)  # L1
    assert {(record.subscriber_id, record.ip, record.user_agent) for record in proof} == {(None, None, None)}


def test_nothing_waits_and_no_count_changes(session: Session, rose: Subscriber, now: datetime) -> None:
    before = len(session.scalars(select(Delivery)).all())
    to_others = len(session.scalars(select(ServiceMail).where(ServiceMail.address == OTHER)).all())
    number = rose.id
    erase(session, ADDRESS, now)
    session.expire_all()
    rows = {row.subscriber_id: row for row in session.scalars(select(Delivery))}
    assert len(rows) == before
    assert (rows[number].state, rows[number].reason, rows[number].settled_at) == (
        "skipped",
        "ended",
        now,
    )  # L13
    assert [row.state for key, row in rows.items() if key != number] == ["queued"]
    assert [mail.address for mail in session.scalars(select(ServiceMail))] == [OTHER] * to_others


def test_what_a_server_says_meanwhile_is_not_kept(session: Session, rose: Subscriber, now: datetime) -> None:
    """The mail was being handed over while its reader pressed; how it ended is kept all the same."""
    row = session.get_one(Delivery, (1, rose.id))
    row.state, row.claim_sender, row.claim_no = "claimed", 1, 1
    session.flush()
    ids = (1, rose.id)
    erase(session, ADDRESS, now)
    reply = Reply(550, "5.1.1", f"no such box <{ADDRESS}>")
    record(session, DELIVERIES, 1, [Record(ids, 1, NextState(State.refused), reply, "mx")], now)
    session.expire_all()
    kept = session.get_one(Delivery, ids)
    assert (kept.state, kept.reply_code, kept.reply_text) == ("refused", 550, None)
    assert traces(session) == []  # L13, L14


def test_a_second_time_finds_nothing_more(session: Session, rose: Subscriber, now: datetime) -> None:
    erase(session, ADDRESS, now)
    again = erase(session, ADDRESS, now)
    assert again == privacy.Erased(
        was_subscriber=False, signups=0, service_mails=0, deliveries=0, came_back=0
    )


def test_an_address_without_a_row_is_erased_as_well(session: Session, now: datetime) -> None:
    """Somebody typed a stranger's address into the form, and the stranger wants it gone."""
    people.three_notices(session, now)
    subscriptions.receive(session, people.a_form([1], address="Stranger@Example.ca"), now)
    assert erase(session, "stranger@example.ca", now).signups == 1
    assert not session.scalars(select(Signup)).all()


def test_who_was_erased_may_come_again_by_their_own_word(
    session: Session, rose: Subscriber, now: datetime
) -> None:
    erase(session, ADDRESS, now)
    later = now + timedelta(days=1)
    again = people.an_active_reader(session, [1], later, address=ADDRESS)  # M42
    key = address_key(people.HASH_KEY, parse_address(ADDRESS))
    assert suppression.is_suppressed(session, key, "bulk") is None
    assert [record.subscriber_id for record in subscriptions.consents_of(session, again.id)] == [again.id] * 2


def test_a_complaint_outlives_erasure(session: Session, rose: Subscriber, now: datetime) -> None:
    suppression.suppress(session, rose.address_key, "bulk", "complaint", "campaign 1", now)
    key = rose.address_key
    erase(session, ADDRESS, now)
    held = suppression.is_suppressed(session, key, "bulk")
    assert held is not None
    assert held.reason == "complaint"


def test_an_address_that_is_somebody_elses_by_now_stays_theirs(
    session: Session, rose: Subscriber, now: datetime
) -> None:
    new = people.an_active_reader(session, [1], now + timedelta(days=2), address=FORMER)
    erase(session, ADDRESS, now)
    assert people.a_subscriber(session, FORMER).id == new.id
    assert suppression.is_suppressed(session, new.address_key, "bulk") is None


def test_what_comes_back_afterwards_is_not_kept(
    session: Session, rose: Subscriber, links: Links, now: datetime
) -> None:
    """A bounce of the last mail holds the address once more."""
    verp = f"{links.bounce_local((1, rose.id))}@bounce.example.org"
    erase(session, ADDRESS, now)
    report = DSN.format(action="failed", status="5.1.1", diagnosis="smtp; 550").replace(people.ROSE, ADDRESS)
    feedback.receive(session, report.encode(), source="test", links=links, now=now, envelope=[verp])
    session.expire_all()
    assert traces(session) == []  # L14
    kept = session.scalars(select(FeedbackEvent).order_by(FeedbackEvent.id.desc())).first()
    assert kept is not None
    assert (kept.shape, kept.state, kept.raw) == ("report", "ignored", b"")
