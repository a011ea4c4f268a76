"""What the port of the pace promises, held against Redis and against the fake; and a Redis in trouble."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from redis import Redis

from config import Settings
from newsletter_app.adapters import embedded_broker
from newsletter_app.adapters.redis_pace import PREFIX, RedisPace
from newsletter_app.pace import Asked, Bucket, Grant, Pace, Quota, Used
from tests.factories.engine import Hands
from tests.fakes.pace import FakePace
from tests.waiting import until

OVERALL = Bucket("overall", "", Decimal(2))
SERVER = Bucket("server", "mx:25", Decimal(1))
SLOW, LAME = Bucket("domain", "slow.example", Decimal(2)), Bucket("domain", "lame.example", Decimal(1))
QUOTA = Quota("overall", "", date(2026, 3, 2), 50)
BROKEN = ["redis://127.0.0.1:1/0", "unix:///nowhere/broker.sock?db=0"]
BLINK_S = 1.0


class Keeper(Protocol):
    """A pace under test, and time for it."""

    pace: Pace

    def pass_time(self, seconds: float) -> None:
        """Let its buckets be so much older."""

    def forget(self) -> None:
        """Let it lose all it knows."""


@dataclass
class FakeKeeper:
    """The fake, on a clock with hands."""

    pace: FakePace
    hands: Hands

    def pass_time(self, seconds: float) -> None:
        self.hands.move(seconds=seconds)

    def forget(self) -> None:
        self.pace.forget()


@dataclass
class RedisKeeper:
    """A real server, whose buckets are made older: nobody waits."""

    pace: RedisPace
    redis: Redis

    def pass_time(self, seconds: float) -> None:
        for key in self.names():
            if self.redis.type(key) == b"hash":
                self.redis.hincrby(key, "at", -round(seconds * 1_000_000))

    def forget(self) -> None:
        self.redis.flushdb()

    def names(self) -> list[str]:
        return [key.decode() for key in self.redis.scan_iter(f"{PREFIX}:*")]


@dataclass
class Server:
    """The embedded broker as a process."""

    process: subprocess.Popen[bytes]
    url: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the embedded broker's binary for all tests here."""
    folder = tmp_path_factory.mktemp("pace")
    made = Settings.from_env({"DATA_DIR": str(folder / "data")}, read_dotenv=False)
    process = subprocess.Popen(embedded_broker.command(made), stdout=subprocess.DEVNULL)
    embedded_broker.wait_until_ready(made, 10, lambda: process.poll() is None)
    yield Server(process, made.redis_client_url)
    process.kill()
    process.wait()
    shutil.rmtree(made.broker_socket.parent, ignore_errors=True)


@pytest.fixture
def on_redis(server: Server) -> Iterator[RedisKeeper]:
    """Give a pace over an empty server."""
    with Redis.from_url(server.url) as redis:
        redis.flushdb()
        pace = RedisPace(server.url)
        yield RedisKeeper(pace, redis)
        pace.close()


@pytest.fixture(params=["fake", "redis"])
def keeper(request: pytest.FixtureRequest, now: datetime) -> Keeper:
    """Give the fake, then the real one."""
    if request.param == "redis":
        found: RedisKeeper = request.getfixturevalue("on_redis")
        return found
    hands = Hands(now)
    return FakeKeeper(FakePace(hands), hands)


def granted(keeper: Keeper, asked: Asked) -> Grant:
    grant = keeper.pace.take(asked)
    assert grant is not None
    return grant


def opened(keeper: Keeper, asked: Asked, seconds: float = 1) -> None:
    """Have the buckets begin, and let so much flow in."""
    assert granted(keeper, asked).total == 0
    keeper.pass_time(seconds)


def test_a_bucket_begins_empty_and_says_when_to_ask_again(keeper: Keeper) -> None:
    asked = Asked(200, (OVERALL,))
    grant = granted(keeper, asked)
    assert (grant.total, grant.is_spent, grant.uncounted) == (0, False, ())
    assert grant.wait_s == pytest.approx(0.5, abs=0.1)
    keeper.pass_time(grant.wait_s)
    assert granted(keeper, asked).total == 1
    assert granted(keeper, asked).total == 0


@pytest.mark.parametrize(
    ("per_second", "most", "portion"), [("100", 100, 5), ("2", 2, 1), ("0.125", 1, 1), ("4000", 200, 200)]
)
def test_a_bucket_holds_a_second_of_rate_or_one_message(
    keeper: Keeper, per_second: str, most: int, portion: int
) -> None:
    """However long nobody asked; and less than a twentieth of a second is not worth a claim."""  # M22
    asked = Asked(200, (replace(OVERALL, per_second=Decimal(per_second)),))
    assert granted(keeper, asked).wait_s == pytest.approx(portion / float(per_second), rel=0.05)
    keeper.pass_time(50_000)
    assert granted(keeper, asked).total == most


def test_small_portions_are_not_worth_a_claim(keeper: Keeper) -> None:
    """Nor of a domain: at a hundred a second five messages are the least."""
    asked = Asked(200, domains=(replace(SLOW, per_second=Decimal(100)),))
    counts = set()
    for _ in range(30):
        counts.add(granted(keeper, asked).by_domain["slow.example"])
        keeper.pass_time(0.01)
    assert 0 in counts
    assert min(counts - {0}) >= 5


def test_parts_of_a_message_are_kept(keeper: Keeper) -> None:
    asked = Asked(200, (replace(OVERALL, per_second=Decimal(3)),))
    opened(keeper, asked, 0)
    began, total = time.monotonic(), 0
    for _ in range(100):
        keeper.pass_time(0.1)
        total += granted(keeper, asked).total
    assert 30 <= total <= 3 * (10 + time.monotonic() - began)  # M22


def test_all_is_taken_or_nothing(keeper: Keeper) -> None:
    """What the slower bucket forbids is not taken from the other either."""
    slow, slower = replace(OVERALL, per_second=Decimal("0.02")), replace(SERVER, per_second=Decimal("0.01"))
    opened(keeper, Asked(200, (slow,)), 50)
    both = granted(keeper, Asked(200, (slow, slower)))
    assert both.total == 0
    assert both.wait_s == pytest.approx(100, abs=5)
    assert granted(keeper, Asked(200, (slow,))).total == 1


def test_the_lowest_bucket_decides(keeper: Keeper) -> None:
    opened(keeper, Asked(200, (OVERALL, SERVER)))
    assert granted(keeper, Asked(200, (OVERALL, SERVER))).total == 1
    assert granted(keeper, Asked(200, (OVERALL,))).total == 1


def test_a_domain_without_tokens_holds_up_nobody_else(keeper: Keeper) -> None:
    slow, lame = replace(SLOW, per_second=Decimal("0.02")), replace(LAME, per_second=Decimal("0.01"))
    asked = Asked(200, domains=(slow, lame))
    grant = granted(keeper, asked)
    assert (grant.total, grant.by_domain) == (200, {"slow.example": 0, "lame.example": 0})
    keeper.pass_time(60)
    grant = granted(keeper, asked)
    assert (grant.total, grant.by_domain) == (200, {"slow.example": 1, "lame.example": 0})  # M22


def test_where_only_limited_domains_are_left_their_tokens_are_all(keeper: Keeper) -> None:
    asked = Asked(200, (replace(OVERALL, per_second=Decimal(100)),), domains=(SLOW, LAME), others=False)
    grant = granted(keeper, asked)
    assert grant.total == 0
    assert grant.wait_s == pytest.approx(0.5, abs=0.1)
    keeper.pass_time(1)
    grant = granted(keeper, asked)
    assert (grant.total, grant.by_domain) == (3, {"slow.example": 2, "lame.example": 1})
    others = granted(keeper, replace(asked, domains=(), others=True))
    assert others.total in (97, 98)


def test_what_was_not_used_is_given_back(keeper: Keeper) -> None:
    asked = Asked(200, (OVERALL,), (replace(QUOTA, handed_over=48),), (SLOW,))
    opened(keeper, asked)
    grant = granted(keeper, asked)
    assert (grant.total, grant.by_domain) == (2, {"slow.example": 2})
    assert granted(keeper, asked).is_spent
    keeper.pace.give_back(grant, Used(1, {}))
    grant = granted(keeper, asked)
    assert (grant.total, grant.by_domain) == (1, {"slow.example": 1})


def test_giving_back_fills_no_bucket_over_its_brim(keeper: Keeper) -> None:
    asked = Asked(200, (OVERALL,))
    opened(keeper, asked)
    grant = granted(keeper, asked)
    keeper.pass_time(10)
    keeper.pace.give_back(grant, Used(0))
    assert granted(keeper, asked).total == 2


def test_a_day_is_counted_once_from_the_ledger_and_then_here(keeper: Keeper) -> None:
    asked = Asked(200, quotas=(QUOTA,))
    assert granted(keeper, asked) == Grant(asked, 0, uncounted=(QUOTA,))
    counted = replace(asked, quotas=(replace(QUOTA, handed_over=10),))
    assert granted(keeper, replace(counted, wanted=15)).total == 15
    assert granted(keeper, asked).total == 25  # M52: a cap of 50
    assert granted(keeper, asked).is_spent
    assert granted(keeper, replace(asked, quotas=(replace(QUOTA, day=date(2026, 3, 3)),))).uncounted
    keeper.forget()
    assert granted(keeper, asked).uncounted == (QUOTA,)


def test_a_day_that_is_spent_takes_no_tokens(keeper: Keeper) -> None:
    opened(keeper, Asked(200, (OVERALL,)))
    assert granted(keeper, Asked(200, (OVERALL,), (replace(QUOTA, handed_over=50),))).is_spent
    assert granted(keeper, Asked(200, (OVERALL,))).total == 2


@given(
    some.integers(1, 300_000).map(lambda rate: Decimal(rate) / 1000),
    some.lists(
        some.tuples(some.floats(0, 3), some.integers(1, 200), some.integers(0, 200)), min_size=1, max_size=12
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_no_more_ever_leaves_than_flows_in(
    keeper: Keeper, per_second: Decimal, turns: list[tuple[float, int, int]]
) -> None:
    """At any moments, for any wishes, whatever is given back."""  # M22
    keeper.forget()
    began = time.monotonic()
    bucket, passed, left = replace(OVERALL, per_second=per_second), 0.0, 0
    for seconds, wanted, used in turns:
        keeper.pass_time(seconds)
        passed += seconds
        grant = granted(keeper, Asked(wanted, (bucket,)))
        keeper.pace.give_back(grant, Used(min(used, grant.total)))
        left += min(used, grant.total)
        assert left <= float(per_second) * (passed + time.monotonic() - began) + 1e-6
        assert grant.total <= max(1, per_second)


def test_with_no_limit_nobody_is_asked() -> None:
    """Not even a server that is not there."""
    pace = RedisPace(BROKEN[0])
    asked = Asked(200)
    grant = pace.take(asked)
    assert grant == Grant(asked, 200)
    pace.give_back(grant, Used(3))
    pace.close()


@pytest.mark.parametrize("url", BROKEN)
def test_no_server_is_no_answer(url: str) -> None:
    pace = RedisPace(url)
    assert pace.take(Asked(200, (OVERALL,))) is None
    pace.give_back(Grant(Asked(200, (OVERALL,)), 2), Used(1))
    pace.close()


def test_a_server_that_never_answers_costs_a_blink() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        pace = RedisPace(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        assert pace.take(Asked(200, (OVERALL,))) is None
        assert time.monotonic() - began < BLINK_S
        pace.close()


def test_a_server_held_still_is_no_answer_and_is_used_again_when_it_goes_on(
    on_redis: RedisKeeper, server: Server
) -> None:
    asked = Asked(200, (OVERALL,))
    opened(on_redis, asked)
    server.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    assert on_redis.pace.take(asked) is None
    on_redis.pace.give_back(Grant(asked, 2), Used(0))
    assert time.monotonic() - began < 2 * BLINK_S
    server.process.send_signal(signal.SIGCONT)
    until(lambda: on_redis.pace.take(asked) is not None, "the pace answers again", 5)


def test_every_key_goes_by_itself(on_redis: RedisKeeper) -> None:
    """A bucket outlives the time it takes to fill; the ledger is asked about a day again now and then."""
    slow = replace(OVERALL, per_second=Decimal("0.01"))
    granted(on_redis, Asked(200, (slow,), (replace(QUOTA, handed_over=3),), (SLOW,)))
    lives = {name: on_redis.redis.ttl(name) for name in on_redis.names()}
    assert set(lives) == {
        f"{PREFIX}:overall:",
        f"{PREFIX}:domain:slow.example",
        f"{PREFIX}:day:2026-03-02:overall:",
    }
    assert 150 < lives[f"{PREFIX}:overall:"] <= 160
    assert 55 < lives[f"{PREFIX}:domain:slow.example"] <= 61
    assert 590 < lives[f"{PREFIX}:day:2026-03-02:overall:"] <= 600


def test_a_clock_that_is_set_back_gives_nothing_and_takes_nothing(on_redis: RedisKeeper) -> None:
    asked = Asked(200, (OVERALL,))
    opened(on_redis, asked)
    on_redis.pass_time(-3600)
    assert granted(on_redis, asked).total == 0
    on_redis.pass_time(1)
    assert granted(on_redis, asked).total == 2
