"""Subscribers on a real database: found by keyed hash, made once, preferences kept clean."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import subscribers, suppression
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.subscribers import Subscriber


@pytest.fixture
def rose(session: Session, hash_key: bytes, now: datetime) -> Subscriber:
    """Give one subscriber."""
    return subscribers.create(session, parse_address("Rose@Example.ca"), "fr", hash_key, now)


def test_the_case_is_kept_for_writing_and_ignored_for_finding(  # S6
    session: Session, rose: Subscriber, hash_key: bytes
) -> None:
    assert (rose.address, rose.domain) == ("Rose@example.ca", "example.ca")
    assert subscribers.find_by_address(session, parse_address("rOSE@EXAMPLE.CA"), hash_key) is rose
    assert subscribers.find_by_address(session, parse_address("rose+x@example.ca"), hash_key) is None
    assert subscribers.find(session, rose.id) is rose


def test_two_at_once_make_one(
    session: Session, sessions: sessionmaker[Session], hash_key: bytes, now: datetime
) -> None:
    barrier = Barrier(2)

    def work(text: str) -> int:
        barrier.wait(timeout=10)
        with sessions.begin() as own:
            return subscribers.create(own, parse_address(text), "en", hash_key, now).id

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(work, ["ann@example.ca", "Ann@example.ca"]))) == 1
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Rose  ", "Rose"),
        ("", ""),
        (" \n ", ""),
        ("Rose\r\nBcc: x@example.org", "Rose Bcc: x@example.org"),  # M11
        ("Rose\u2028Marie\x00", "Rose Marie"),
        ("é" * 100, "é" * 80),
    ],
)
def test_names_are_one_line(session: Session, rose: Subscriber, typed: str, kept: str) -> None:
    subscribers.set_name(session, rose, typed)
    assert rose.name == kept


def test_only_known_languages_and_layouts(session: Session, rose: Subscriber) -> None:
    subscribers.set_language(session, rose, "en")
    subscribers.set_layout(session, rose, "large")
    assert (rose.language, rose.layout) == ("en", "large")
    with pytest.raises(Breach, match="language-unknown"):
        subscribers.set_language(session, rose, "de")
    with pytest.raises(Breach, match="layout-unknown"):
        subscribers.set_layout(session, rose, "huge")


@pytest.mark.parametrize(("reason", "lifted"), [("bounce", True), ("complaint", False)])
def test_trying_again_after_mail_came_back(  # M42
    session: Session, rose: Subscriber, now: datetime, reason: str, lifted: bool
) -> None:
    rose.returned_at = now
    suppression.suppress(session, rose.address_key, "bulk", reason, "a test", now)
    assert subscribers.try_again(session, rose) is True
    assert rose.returned_at is None
    assert (suppression.is_suppressed(session, rose.address_key, "bulk") is None) is lifted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whose_pause_is_over_is_found_by_an_index(session: Session, now: datetime) -> None:
    """Every slice of a campaign asks: it must not walk through all who do not pause."""
    plans: list[str] = []

    def explain(connection: Connection, _cursor: object, sql: str, given: Any, *_rest: object) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", given)
        plans.extend(row[-1] for row in cursor.fetchall())

    event.listen(session.connection(), "before_cursor_execute", explain)
    assert subscribers.paused_out(session, now, 10) == []
    [step] = plans
    assert "ix_subscribers_paused_until" in step
