"""What a minute of arrivals says about a pace."""

from __future__ import annotations

import pytest

from bench.pace import Minute, minutes, settled


def steady(per_second: int, seconds: float) -> list[float]:
    return [number / per_second for number in range(round(per_second * seconds))]


def test_the_first_moments_and_what_follows_the_last_count_nothing() -> None:
    times = [1000 + at for at in steady(10, 20)]
    assert len(settled(times, 5)) == 50
    assert settled(times, 5)[0] == pytest.approx(0)


def test_each_minute_is_counted_apart() -> None:
    times = [*steady(10, 5), *(5 + at for at in steady(20, 5))]
    found = list(minutes(times, 10, 5))
    assert found == [Minute(50, 50, 10, 10), Minute(50, 100, 20, 20)]
    assert [minute.off for minute in found] == [0, 1]


def test_a_standstill_and_what_catches_up_are_seen() -> None:
    times = [at for at in steady(10, 5) if not 2 <= at < 3] + [3.5] * 10
    assert list(minutes(times, 10, 5)) == [Minute(50, 50, 0, 20)]


def test_seconds_in_which_nothing_came_any_more_count() -> None:
    [minute] = minutes(steady(10, 3), 10, 5)
    assert minute == Minute(50, 30, 0, 10)
    assert minute.off == pytest.approx(-0.4)


def test_where_nothing_came_nothing_is_told() -> None:
    assert list(minutes([], 10, 5)) == []
