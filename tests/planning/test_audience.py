"""Whom a tip would reach: each person once, in the cadence that brings it first; the same from a tally."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import planning, tallies
from newsletter_app.subscriptions import of_subscriber
from tests.factories.content import make_notice, make_organisation
from tests.factories.engine import make_reader


@pytest.fixture
def ids(session: Session, now: datetime) -> tuple[int, int]:
    """Give two notices with six readers between them."""
    make_organisation(session)
    first, second = make_notice(session, now), make_notice(session, now, "events")
    make_reader(session, 1, [first], now)
    make_reader(session, 2, [first], now, language="fr", layout="large")
    make_reader(session, 3, [first], now, cadence="weekly")
    make_reader(session, 4, [second], now, cadence="monthly")
    both = make_reader(session, 5, [first, second], now, cadence="weekly")
    of_subscriber(session, both.id)[1].cadence = "each"
    make_reader(session, 6, [first], now).paused_until = now + timedelta(days=30)
    make_reader(session, 7, [first], now, state="pending")
    session.flush()
    return first.id, second.id


def told(session: Session, notice_ids: tuple[int, ...], now: datetime) -> dict[tuple[str, str, str], int]:
    return dict(planning.reached(session, notice_ids, now).counts)


def test_each_person_counts_once(session: Session, ids: tuple[int, int], now: datetime) -> None:
    assert told(session, ids[:1], now) == {
        ("each", "en", "standard"): 1,
        ("each", "fr", "large"): 1,
        ("weekly", "en", "standard"): 2,
    }
    assert told(session, ids, now) == {
        ("each", "en", "standard"): 2,
        ("each", "fr", "large"): 1,
        ("weekly", "en", "standard"): 1,
        ("monthly", "en", "standard"): 1,
    }
    found = planning.reached(session, ids, now)
    assert (found.readers(), found.readers("each"), found.readers("each", "fr"), found.editions("each")) == (
        5, 3, 1, 2,
    )  # fmt: skip


def test_a_tally_says_the_same_until_it_is_made_anew(
    session: Session, ids: tuple[int, int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = told(session, ids, now)
    assert not planning.recount_audience(session, now, lambda: 0.0)
    monkeypatch.setattr(tallies, "FEW", 5)
    assert planning.recount_audience(session, now, lambda: 0.0)
    assert told(session, ids, now) == counted
    for notice_id, cadence in ((ids[0], "each"), (ids[1], "monthly")):
        assert cadence in {key[0] for key in told(session, (notice_id,), now)}
    later = now + timedelta(minutes=10)
    assert not planning.recount_audience(session, later - timedelta(seconds=1), lambda: 0.0)
    assert planning.reached(session, ids, later).counted_at == now
    assert planning.recount_audience(session, later, lambda: 0.0)
    assert planning.reached(session, ids, later).counted_at == later


def test_without_notices_nobody_is_reached(session: Session, now: datetime) -> None:
    assert told(session, (), now) == {}
