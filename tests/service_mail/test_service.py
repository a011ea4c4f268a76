"""Queueing service mails: once where once is promised, never to who may not be written to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import service_mail, suppression
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.links import Purpose
from newsletter_app.kernel.rings import Ring
from newsletter_app.service_mail import LinkSpec, ServiceMail
from tests.factories.people import LINKS, an_organisation, mails

KEY = "a" * 64


def queue(
    session: Session, now: datetime, once: str | None = None, kind: str = "unknown"
) -> ServiceMail | None:
    """Queue one mail."""
    return service_mail.queue(
        session, kind, address="rose@example.ca", address_key=KEY, language="en", once=once, now=now
    )


def test_once_is_held_by_the_database(session: Session, now: datetime) -> None:  # S2
    assert queue(session, now, "ask:rose:monday") is not None
    assert queue(session, now, "ask:rose:monday") is None
    assert queue(session, now, "ask:rose:tuesday") is not None
    assert queue(session, now) is not None
    assert queue(session, now) is not None
    assert len(mails(session)) == 4


def test_two_at_once_queue_one(session: Session, sessions: sessionmaker[Session], now: datetime) -> None:
    barrier = Barrier(2)

    def work(_: int) -> bool:
        barrier.wait(timeout=10)
        with sessions.begin() as own:
            return queue(own, now, "ask:rose:monday") is not None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
    assert len(mails(session)) == 1


def test_scope_all_hears_nothing_bulk_does(session: Session, now: datetime) -> None:
    suppression.suppress(session, KEY, "bulk", "bounce", "a test", now)
    assert queue(session, now) is not None
    suppression.suppress(session, KEY, "all", "legal", "a test", now)
    assert queue(session, now) is None


def test_the_ring_leaves_with_the_commit(session: Session, now: datetime, rung: list[Ring]) -> None:
    queue(session, now, "ask:rose:monday")
    queue(session, now, "ask:rose:monday")
    assert rung == []
    session.commit()
    assert rung == [Ring("send_service_mails")]


def test_unknown_kinds_are_refused(session: Session, now: datetime) -> None:
    with pytest.raises(Breach, match="service-mail-kind-unknown"):
        queue(session, now, kind="advertisement")


def test_the_day_is_the_organisations(session: Session) -> None:
    an_organisation(session)
    assert service_mail.local_day(session, datetime(2026, 3, 3, 6, 59, tzinfo=UTC)) == "2026-03-02"
    assert service_mail.local_day(session, datetime(2026, 3, 3, 7, 0, tzinfo=UTC)) == "2026-03-03"


def test_a_link_survives_storage() -> None:
    spec = LinkSpec(Purpose.STOP, (7, 1, 2), b"\x00\xff")
    assert LinkSpec.from_facts(spec.to_facts()) == spec
    assert spec.url(LINKS).startswith("https://news.example.org/stop/")


def test_at_most_counts_a_kind_for_a_day_whoever_causes_it(session: Session, now: datetime) -> None:  # S2
    def add(at: datetime, kind: str = "address") -> bool:
        mail = service_mail.queue(
            session, kind, address="rose@example.ca", address_key=KEY, language="en", now=at, at_most=2
        )
        return mail is not None

    assert [add(now) for _ in range(3)] == [True, True, False]
    assert add(now, "goodbye")
    assert [add(now + timedelta(days=1)) for _ in range(3)] == [True, True, False]
