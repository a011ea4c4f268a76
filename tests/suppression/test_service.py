"""Suppressions on a real database: scopes, reasons that outweigh others, lifting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import suppression
from newsletter_app.kernel.errors import Breach
from newsletter_app.suppression import Scope

KEY = "a" * 64


@pytest.mark.parametrize(
    ("scope", "forbids_bulk", "forbids_service"), [("bulk", True, False), ("all", True, True)]
)
def test_scopes(
    session: Session, now: datetime, scope: Scope, forbids_bulk: bool, forbids_service: bool
) -> None:
    suppression.suppress(session, KEY, scope, "by-hand", "a test", now)
    assert (suppression.is_suppressed(session, KEY, "bulk") is not None) == forbids_bulk
    assert (suppression.is_suppressed(session, KEY, "all") is not None) == forbids_service
    assert suppression.is_suppressed(session, "b" * 64, "bulk") is None


def test_all_is_named_before_bulk(session: Session, now: datetime) -> None:
    suppression.suppress(session, KEY, "bulk", "bounce", "a test", now)
    suppression.suppress(session, KEY, "all", "legal", "a test", now)
    found = suppression.is_suppressed(session, KEY, "bulk")
    assert found is not None
    assert (found.scope, found.reason) == ("all", "legal")


@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [
        ("bounce", "complaint", "complaint"),
        ("complaint", "bounce", "complaint"),
        ("complaint", "complaint", "complaint"),
        ("erased", "bounce", "erased"),
        ("by-hand", "complaint", "by-hand"),
    ],
)
def test_the_heavier_reason_stays(session: Session, now: datetime, first: str, then: str, kept: str) -> None:
    suppression.suppress(session, KEY, "bulk", first, "first", now)
    suppression.suppress(session, KEY, "bulk", then, "then", now)
    (row,) = suppression.of_address(session, KEY)
    assert row.reason == kept


@pytest.mark.parametrize(
    ("scope", "reason", "lifted"),
    [
        ("bulk", "bounce", True),  # M42
        ("bulk", "erased", True),
        ("bulk", "complaint", False),
        ("bulk", "by-hand", False),
        ("all", "bounce", False),
    ],
)
def test_what_confirming_lifts(
    session: Session, now: datetime, scope: Scope, reason: str, lifted: bool
) -> None:
    suppression.suppress(session, KEY, scope, reason, "a test", now)
    assert suppression.lift_by_confirming(session, KEY) is lifted
    assert (suppression.is_suppressed(session, KEY, "bulk") is None) is lifted


def test_lifting_tells_whether_there_was_anything(session: Session, now: datetime) -> None:
    suppression.suppress(session, KEY, "all", "legal", "a test", now)
    assert suppression.lift(session, KEY, "bulk") is False
    assert suppression.lift(session, KEY, "all") is True
    assert suppression.lift(session, KEY, "all") is False


def test_unknown_words_are_refused(session: Session, now: datetime) -> None:
    with pytest.raises(Breach, match="suppression-unknown"):
        suppression.suppress(session, KEY, "bulk", "rumour", "a test", now)


def test_two_at_once_make_one_row(session: Session, sessions: sessionmaker[Session], now: datetime) -> None:
    barrier = Barrier(2)

    def work(reason: str) -> None:
        barrier.wait(timeout=10)
        with sessions.begin() as own:
            suppression.suppress(own, KEY, "bulk", reason, "a test", now)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ["bounce", "complaint"]))
    assert [row.reason for row in suppression.of_address(session, KEY)] == ["complaint"]
