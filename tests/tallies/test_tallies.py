"""Tallies: made again when they are due, and no oftener than what counting costs allows."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from newsletter_app import tallies
from newsletter_app.tallies import Tally


def test_the_last_count_is_kept_with_how_long_it_took(session: Session, now: datetime) -> None:
    clock = count(step=2)
    for readers in (3, 5):
        tallies.keep(session, "audience", lambda found=readers: {"readers": found}, now, lambda: next(clock))
    session.expire_all()
    kept = tallies.find(session, "audience")
    assert kept is not None
    assert (kept.facts, kept.counted_at, kept.took_ms) == ({"readers": 5}, now, 2000)
    assert tallies.find(session, "campaign:7") is None


@pytest.mark.parametrize(
    ("took_ms", "age_s", "due"),
    [(10, 1.9, False), (10, 2, True), (500, 9.9, False), (500, 10, True)],
)
def test_counting_takes_a_twentieth_of_the_time(now: datetime, took_ms: int, age_s: float, due: bool) -> None:
    kept = Tally(name="x", facts={}, counted_at=now, took_ms=took_ms)
    assert tallies.is_due(kept, now + timedelta(seconds=age_s), timedelta(seconds=2)) is due
    assert tallies.is_due(None, now, timedelta(seconds=2))


def test_many_is_more_than_a_page_counts(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "FEW", 2)
    rows = union_all(*(select(literal(number).label("n")) for number in range(3))).subquery()
    assert tallies.many(session, select(rows.c.n))
    assert not tallies.many(session, select(rows.c.n).where(rows.c.n < 2))
