"""What was found at a link: one row for an address, the last word, for thirty days; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from newsletter_app import preflight
from newsletter_app.preflight.models import LinkTry

SHOES = "https://example.org/shoes"
LONG = "https://example.org/?q=" + "".join(chr(0x4E00 + at) for at in range(3000))
MONTH = timedelta(days=30)


@pytest.fixture(params=["sqlite_database", "postgres_database"])
def database_url(request: pytest.FixtureRequest) -> URL:
    """Give each database in turn."""
    url: URL = request.getfixturevalue(request.param)
    return url


def test_the_last_word_is_kept(session: Session, now: datetime) -> None:
    """However long an address is; others are not asked about."""
    for address, found, at in [(SHOES, "404", now), (LONG, "410", now), (SHOES, "200", now + MONTH)]:
        preflight.keep_try(session, address, found, at)
    tried = preflight.tries_of(session, [SHOES, SHOES, "https://example.org/"], now + MONTH)
    assert tried == {SHOES: ("200", now + MONTH)}
    assert preflight.tries_of(session, [LONG], now) == {LONG: ("410", now)}
    assert preflight.tries_of(session, [], now) == {}
    assert session.scalar(select(func.count()).select_from(LinkTry)) == 2


def test_after_thirty_days_nobody_tried(session: Session, now: datetime) -> None:
    preflight.keep_try(session, SHOES, "404", now)
    assert SHOES in preflight.tries_of(session, [SHOES], now + MONTH)
    assert preflight.tries_of(session, [SHOES], now + MONTH + timedelta(seconds=1)) == {}


def test_what_counts_no_more_is_forgotten(session: Session, now: datetime) -> None:
    """So many at a time, and none that counts."""
    for at in range(3):
        preflight.keep_try(session, f"{SHOES}/{at}", "200", now)
    preflight.keep_try(session, SHOES, "200", now + MONTH)
    later = now + timedelta(seconds=1)
    assert [preflight.forget_tries(session, later, 2) for _ in range(3)] == [2, 1, 0]
    assert session.scalars(select(LinkTry.address)).all() == [SHOES]


def test_the_next_to_be_tried(session: Session, now: datetime) -> None:
    """What nobody tried lately, then what was not well, the longest untried first."""
    hour = timedelta(hours=1)
    kept = [("alive", "200", 2), ("dead", "404", 1), ("older", "200", 3), ("slow", "too-slow", 2)]
    for address, found, hours in [*kept, ("forgotten", "200", 24 * 31)]:
        preflight.keep_try(session, address, found, now - hours * hour)
    asked = ["alive", "dead", "forgotten", "never", "older", "slow"]
    assert preflight.in_turn(session, asked, now) == ["forgotten", "never", "slow", "dead", "older", "alive"]
