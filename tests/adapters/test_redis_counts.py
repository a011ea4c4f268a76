"""Counts in Redis, and in the process while Redis refuses or says nothing: the same answers from both."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from config import Settings
from newsletter_app.adapters import embedded_broker, redis_counts
from newsletter_app.adapters.redis_counts import PREFIX, QUIET_S, Counts, Limit
from tests.adapters.test_celery_ring import Seconds, knocks, refusing_broker, silent_broker

HERE, ALL = Limit("address:192.0.2.1", 2, 3600), Limit("everywhere", 5, 3600)
ELSEWHERE = Limit("address:198.51.100.1", 2, 3600)


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the embedded broker's binary for all tests here."""
    folder = tmp_path_factory.mktemp("counts")
    made = Settings.from_env({"DATA_DIR": str(folder / "data")}, read_dotenv=False)
    process = subprocess.Popen(embedded_broker.command(made), stdout=subprocess.DEVNULL)
    embedded_broker.wait_until_ready(made, 10, lambda: process.poll() is None)
    yield made.redis_client_url
    process.kill()
    process.wait()
    shutil.rmtree(made.broker_socket.parent, ignore_errors=True)


@pytest.fixture
def redis(server_url: str) -> Iterator[Redis]:
    """Give an empty server."""
    with Redis.from_url(server_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(params=["redis", "own"])
def counts(request: pytest.FixtureRequest, server_url: str) -> Iterator[Counts]:
    """Give counts on Redis, then those of a process whose Redis refuses."""
    if request.param == "redis":
        request.getfixturevalue("redis")
    made = Counts(server_url if request.param == "redis" else refusing_broker())
    yield made
    made.close()


def test_a_limit_takes_its_most_and_no_more(counts: Counts) -> None:
    assert [counts.count([HERE]) for _ in range(4)] == [True, True, False, False]
    assert counts.count([ELSEWHERE])


def test_what_is_refused_uses_up_nothing_of_others(counts: Counts) -> None:
    """A flood from one place is counted there, not against everybody."""
    assert [counts.count([HERE, ALL]) for _ in range(20)].count(True) == 2
    assert [counts.count([ELSEWHERE, ALL]) for _ in range(2)] == [True, True]
    assert counts.count([ALL])
    assert not counts.count([ALL])


def test_processes_count_together(redis: Redis, server_url: str) -> None:
    """In Redis, all of an event in one question."""
    one, other = Counts(server_url), Counts(server_url)
    asked = redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]
    assert [each.count([HERE, ALL]) for each in (one, other, one)] == [True, True, False]
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] - asked in (3, 4)  # The first brings it.
    one.close()
    other.close()


def test_a_window_ends_by_itself(redis: Redis, server_url: str) -> None:
    """It begins with the first event, and later ones do not make it longer."""
    counts, key = Counts(server_url), f"{PREFIX}:{HERE.key}"
    counts.count([HERE])
    assert HERE.seconds - 5 <= redis.ttl(key) <= HERE.seconds
    redis.expire(key, 100)
    counts.count([HERE])
    assert redis.ttl(key) <= 100
    counts.close()


def test_a_window_of_ones_own_ends_too() -> None:
    seconds = Seconds()
    counts = Counts(refusing_broker(), monotonic=seconds)
    assert [counts.count([HERE]) for _ in range(3)] == [True, True, False]
    seconds.now = HERE.seconds
    assert counts.count([HERE])
    counts.close()


def test_a_silent_redis_costs_a_blink_and_is_left_alone_for_five_seconds() -> None:
    """Nobody's sign-up fails or waits because of it."""
    seconds = Seconds()
    with silent_broker() as (url, server):
        counts = Counts(url, monotonic=seconds)
        begun = time.monotonic()
        assert counts.count([HERE])
        assert time.monotonic() - begun < 1.5
        assert knocks(server) == 1
        seconds.now = QUIET_S - 0.1
        assert counts.count([HERE])
        assert knocks(server) == 0
        seconds.now = QUIET_S
        assert not counts.count([HERE])
        assert knocks(server) == 1
        counts.close()


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows that ended go first; a flood from ever new places cannot fill the process."""
    monkeypatch.setattr(redis_counts, "MOST_REMEMBERED", 3)
    seconds = Seconds()
    counts = Counts(refusing_broker(), monotonic=seconds)
    counts.count([Limit("short-1", 1, 10), Limit("short-2", 1, 10), HERE])
    seconds.now = 11
    counts.count([HERE])
    assert not counts.count([HERE]), "a window that runs is kept"
    counts.count([Limit("new-1", 1, 10), Limit("new-2", 1, 10)])
    assert counts.count([HERE]), "too many that run are all let go"
    counts.close()
