"""Pace as decisions: caps by day, days by zone, which limits a claim meets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter_app.pace import Bucket, Limits, Quota, Warming, begin_of, day_of
from newsletter_app.pace.rules import MOST_A_DAY, STEEPEST, is_rate, is_warming

FIRST = date(2026, 3, 2)
DOUBLING = Warming(FIRST, 50, Decimal(2), 10_000)

warmings = some.builds(
    Warming,
    some.dates(date(2000, 1, 1), date(2100, 1, 1)),
    some.integers(1, 1_000),
    some.integers(1_000, int(STEEPEST) * 1_000).map(lambda number: Decimal(number) / 1_000),
    some.integers(1_000, MOST_A_DAY),
)


@pytest.mark.parametrize(
    ("warming", "days", "cap"),
    [
        (DOUBLING, 0, 50),
        (DOUBLING, 1, 100),
        (DOUBLING, 7, 6_400),
        (DOUBLING, 8, 10_000),
        (DOUBLING, 40_000, 10_000),
        (DOUBLING, -3, 50),
        (Warming(FIRST, 50, Decimal("1.5"), 10_000), 3, 168),  # 168.75: no part of a message is sent
        (Warming(FIRST, 200, Decimal(1), 10_000), 365, 200),
        (Warming(FIRST, 1, Decimal("1.001"), MOST_A_DAY), 40_000, MOST_A_DAY),
    ],
)
def test_the_cap_of_a_day(warming: Warming, days: int, cap: int) -> None:
    assert warming.cap(FIRST + timedelta(days=days)) == cap  # M52


@given(warmings, some.integers(0, 100_000))
def test_a_cap_only_grows_and_keeps_to_its_ends(warming: Warming, days: int) -> None:
    day = warming.first_day + timedelta(days=days)
    cap, next_cap = warming.cap(day), warming.cap(day + timedelta(days=1))
    assert warming.messages <= cap <= next_cap <= warming.ceiling  # M52
    assert warming.cap(warming.first_day) == warming.messages


@pytest.mark.parametrize(
    ("now", "zone", "day", "begins"),
    [
        ("2026-03-02 06:59", "America/Edmonton", date(2026, 3, 1), "2026-03-01 07:00"),
        ("2026-03-02 07:00", "America/Edmonton", date(2026, 3, 2), "2026-03-02 07:00"),
        ("2026-03-09 05:59", "America/Edmonton", date(2026, 3, 8), "2026-03-08 07:00"),  # a day of 23 hours
        ("2026-03-09 06:00", "America/Edmonton", date(2026, 3, 9), "2026-03-09 06:00"),
        ("2026-03-02 11:00", "Pacific/Kiritimati", date(2026, 3, 3), "2026-03-02 10:00"),
    ],
)
def test_a_day_is_the_organisations(now: str, zone: str, day: date, begins: str) -> None:
    assert day_of(datetime.fromisoformat(now).replace(tzinfo=UTC), zone) == day
    assert begin_of(day, zone) == datetime.fromisoformat(begins).replace(tzinfo=UTC)


SERVER = "mx.example.org:587"
ALL = Limits(
    overall=Decimal(100),
    servers={SERVER: Decimal(20), "other:25": Decimal(3)},
    domains={"slow.example": Decimal(2), "lame.example": Decimal(1)},
    warm_ups={("server", SERVER): DOUBLING, ("overall", ""): Warming(FIRST, 500, Decimal(2), 900)},
)


def test_a_claim_meets_the_limits_of_its_server_and_of_all() -> None:
    asked = ALL.asked(SERVER, 200, FIRST + timedelta(days=1), domains=["slow.example", "quick.example"])
    assert asked.shared == (Bucket("overall", "", Decimal(100)), Bucket("server", SERVER, Decimal(20)))
    assert asked.quotas == (
        Quota("overall", "", FIRST + timedelta(days=1), 900),
        Quota("server", SERVER, FIRST + timedelta(days=1), 100),
    )
    assert asked.domains == (Bucket("domain", "slow.example", Decimal(2)),)
    assert not asked.is_free


def test_where_nothing_is_limited_nobody_need_be_asked() -> None:
    assert Limits().asked(SERVER, 200, FIRST, domains=["quick.example"]).is_free
    elsewhere = Limits(servers={"other:25": Decimal(3)}, domains={"slow.example": Decimal(2)})
    assert elsewhere.asked(SERVER, 200, FIRST).is_free


@pytest.mark.parametrize(("in_url", "holds"), [("5", "5"), ("20", "20"), ("50", "20")])
def test_of_two_rates_of_a_server_the_lower_holds(in_url: str, holds: str) -> None:
    both = ALL.with_servers({SERVER: Decimal(in_url), "new:25": Decimal(7)})
    assert both.servers == {SERVER: Decimal(holds), "other:25": Decimal(3), "new:25": Decimal(7)}
    assert (both.overall, both.domains, both.warm_ups) == (ALL.overall, ALL.domains, ALL.warm_ups)


@pytest.mark.parametrize("rate", ["0", "-1", "0.0005", "1.0005", "1000000.001", "NaN", "Infinity"])
def test_what_is_no_rate(rate: str) -> None:
    assert not is_rate(Decimal(rate))


@pytest.mark.parametrize("rate", ["0.001", "2.5", "1e6"])
def test_what_is_a_rate(rate: str) -> None:
    assert is_rate(Decimal(rate))


@pytest.mark.parametrize(
    ("messages", "growth", "ceiling", "holds"),
    [
        (50, "1.5", 50, True),
        (1, "1", 1, True),
        (0, "2", 9, False),
        (50, "2", 49, False),
        (50, "0.999", 90, False),
        (50, "101", 90, False),
        (50, "NaN", 90, False),
        (1, "2", 10**10, False),
    ],
)
def test_what_a_warm_up_is(messages: int, growth: str, ceiling: int, holds: bool) -> None:
    assert is_warming(Warming(FIRST, messages, Decimal(growth), ceiling)) is holds
