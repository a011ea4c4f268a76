"""Claiming service mails: each row by one sender, oldest first, none to a suppressed address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import ledger, service_mail, suppression
from newsletter_app.ledger import State
from newsletter_app.service_mail.claims import claim, keep_message
from tests.factories.people import mails


@pytest.fixture
def sender_id(session: Session, now: datetime) -> int:
    """Give a sender."""
    return ledger.open_sender(session, "service", "a host", "a boot", 4711, now).id


def queue(session: Session, count: int, now: datetime) -> None:
    """Queue some mails to different addresses."""
    for number in range(count):
        service_mail.queue(
            session,
            "unknown",
            address=f"r{number}@example.ca",
            address_key=str(number) * 64,
            language="fr",
            now=now + timedelta(seconds=number),
        )


def test_due_ones_oldest_first_up_to_the_limit(session: Session, now: datetime, sender_id: int) -> None:
    queue(session, 4, now)
    first = claim(session, sender_id, now + timedelta(seconds=2), 2)
    assert [mail.address for mail in first] == ["r0@example.ca", "r1@example.ca"]
    second = claim(session, sender_id, now + timedelta(seconds=2), 10)
    assert [mail.address for mail in second] == ["r2@example.ca"]
    assert claim(session, sender_id, now + timedelta(seconds=2), 10) == []
    assert [mail.claim_no for mail in [*first, *second]] == [1, 1, 2]
    assert {mail.language for mail in first} == {"fr"}
    session.expire_all()
    row = mails(session)[0]
    assert (row.state, row.claim_sender, row.claim_no, row.claimed_at) == (
        State.claimed,
        sender_id,
        1,
        now + timedelta(seconds=2),
    )


def test_a_suppressed_address_is_skipped(session: Session, now: datetime, sender_id: int) -> None:
    queue(session, 2, now)
    suppression.suppress(session, "0" * 64, "all", "legal", "a test", now)
    suppression.suppress(session, "1" * 64, "bulk", "bounce", "a test", now)
    claimed = claim(session, sender_id, now + timedelta(minutes=1), 10)
    assert [mail.address for mail in claimed] == ["r1@example.ca"]
    session.expire_all()
    assert [(mail.state, mail.reason) for mail in mails(session)] == [
        (State.skipped, "suppressed"),
        (State.claimed, None),
    ]


def test_a_retry_keeps_date_and_octets(session: Session, now: datetime, sender_id: int) -> None:  # M4
    queue(session, 1, now)
    (mail,) = claim(session, sender_id, now, 1)
    assert (mail.first_attempt_at, mail.message) == (now, None)
    keep_message(session, mail.id, b"octets")
    row = session.get_one(service_mail.ServiceMail, mail.id, populate_existing=True)
    row.state, row.due_at = State.deferred, now + timedelta(hours=1)
    session.flush()
    assert claim(session, sender_id, now, 1) == []
    (again,) = claim(session, sender_id, now + timedelta(hours=1), 1)
    assert (again.first_attempt_at, again.message) == (now, b"octets")
    assert again.expires_at == now + timedelta(days=4)  # M15


def test_what_never_left_is_written_anew(session: Session, now: datetime, sender_id: int) -> None:  # M4
    queue(session, 1, now)
    (mail,) = claim(session, sender_id, now, 1)
    keep_message(session, mail.id, b"octets")
    row = session.get_one(service_mail.ServiceMail, mail.id, populate_existing=True)
    row.state, row.first_attempt_at = State.queued, None
    session.flush()
    later = now + timedelta(hours=3)
    (again,) = claim(session, sender_id, later, 1)
    assert (again.first_attempt_at, again.message) == (later, None)


def test_two_senders_never_share_a_row(
    session: Session, sessions: sessionmaker[Session], now: datetime, sender_id: int
) -> None:
    other = ledger.open_sender(session, "service", "a host", "a boot", 4712, now).id
    queue(session, 6, now)
    session.commit()
    barrier = Barrier(2)

    def work(sender: int) -> list[int]:
        barrier.wait(timeout=10)
        with sessions.begin() as own:
            return [mail.id for mail in claim(own, sender, now + timedelta(minutes=1), 3)]

    with ThreadPoolExecutor(2) as pool:
        taken = [mail_id for ids in pool.map(work, [sender_id, other]) for mail_id in ids]
    assert len(taken) == len(set(taken))
    assert len(taken) >= 3
