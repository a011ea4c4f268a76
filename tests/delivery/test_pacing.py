"""Slices that keep a pace: what leaves when, who waits for whom, and what is given back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from newsletter_app import pace
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import SHARDS, Delivery, Outfit, send_shard, shards_to_ring
from newsletter_app.delivery.pacing import Pacing, Tempo
from newsletter_app.ledger import Office, State
from newsletter_app.mail.transport import Parcel
from newsletter_app.pace import Asked, Bucket, Warming, day_of
from tests.delivery.conftest import World
from tests.fakes.transports import SERVER, ScriptedTransport

SLOW = "slow.example"
ZONE = "America/Edmonton"


@dataclass
class Worker:
    """One bulk process over a scripted server: it takes slices in the order they were rung for."""

    world: World
    stop: Callable[[], bool] = lambda: False
    left_at: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the start, and the reader, of each hand-over."""
    rung: deque[int] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Open the office."""
        self.began = self.world.clock()
        self.transport = ScriptedTransport(self.world.clock)
        self.transport.before = self._note
        self.office: Office = self.world.office(self.transport)

    def work(self, seconds: float) -> None:
        """Work until nothing is rung for, or so much time has passed."""
        rung = self.rung
        end = self.world.clock() + timedelta(seconds=seconds)
        while self.world.clock() < end:
            with self.world.unit_of_work() as session:
                rung.extend(shards_to_ring(session, self.world.campaign_id, self.world.clock()))
            if not rung:
                return
            if self.slice(shard := rung.popleft()):
                rung.append(shard)

    def slice(self, shard: int) -> bool:
        """Work on one shard for a slice; return whether to ring for it again."""
        world = self.world
        outfit = Outfit(world.composer, world.links, "bounce.example.org", world.keyring, world.tempo)
        return send_shard(world.campaign_id, shard, office=self.office, outfit=outfit, stop=self.stop)

    def _note(self, parcel: Parcel) -> None:
        seconds = (self.world.clock() - self.began).total_seconds()
        self.left_at.append((seconds, int(parcel.key.split(":")[2])))


def limit(world: World, scope: str, name: str, per_second: str) -> None:
    with world.unit_of_work() as session:
        pace.set_limit(session, scope, name, Decimal(per_second))


def every_third_is_slow(world: World) -> set[int]:
    with world.unit_of_work() as session:
        theirs = update(Delivery).where(Delivery.subscriber_id % 3 == 0).values(domain=SLOW)
        return set(session.scalars(theirs.returning(Delivery.subscriber_id)))


def states(world: World) -> list[str]:
    with world.unit_of_work() as session:
        return sorted(session.scalars(select(Delivery.state)))


@pytest.mark.parametrize(("scope", "name"), [("overall", ""), ("server", SERVER)])
def test_messages_leave_at_the_rate_that_is_set(world: World, scope: str, name: str) -> None:
    world.launched(readers=32)
    limit(world, scope, name, "10")
    worker = Worker(world)
    worker.work(30)
    times = [seconds for seconds, _ in worker.left_at]
    assert len(times) == 32
    for seconds in range(4):
        assert abs(sum(time <= seconds for time in times) - min(10 * seconds, 32)) <= 1  # M22
    assert states(world) == [State.accepted] * 32


def test_nothing_is_unrecorded_while_tokens_are_waited_for(world: World) -> None:
    """The wait may be long, and a process may be killed in it."""
    world.launched(readers=3 * SHARDS)
    limit(world, "overall", "", "1")
    meanwhile: list[str] = []

    def wait(seconds: float) -> None:
        meanwhile.extend(states(world))
        world.clock.move(seconds=seconds)

    world.wait = wait
    Worker(world).slice(1)
    assert (State.accepted in meanwhile, State.claimed in meanwhile) == (True, False)
    assert states(world).count(State.accepted) == 3


def test_without_a_limit_nobody_is_asked(world: World) -> None:
    world.launched(readers=20)
    Worker(world).work(1)
    assert states(world) == [State.accepted] * 20
    assert world.pace.asked == []


def test_a_limited_domain_trickles_while_the_others_run(world: World) -> None:
    """Every shard holds readers of both kinds; one process serves everybody else first, at once."""  # M22
    world.launched(readers=48)
    slow = every_third_is_slow(world)
    limit(world, "domain", SLOW, "2")
    worker = Worker(world)
    worker.work(60)
    others = [seconds for seconds, reader in worker.left_at if reader not in slow]
    theirs = [seconds for seconds, reader in worker.left_at if reader in slow]
    assert (len(others), max(others)) == (32, 0)
    assert len(theirs) == 16
    for seconds in range(8):
        assert abs(sum(time <= seconds for time in theirs) - 2 * seconds) <= 1
    assert states(world) == [State.accepted] * 48


def test_a_limited_domain_and_the_others_share_what_is_short(world: World) -> None:
    """Overall the rate is lower than the domain's own, so neither may wait until the other is done."""
    world.launched(readers=48)
    slow = every_third_is_slow(world)
    with world.unit_of_work() as session:
        session.execute(update(Delivery).values(shard=1))
    limit(world, "domain", SLOW, "50")
    limit(world, "overall", "", "4")
    worker = Worker(world)
    worker.work(3)
    left = [reader for seconds, reader in worker.left_at if seconds <= 3]
    assert len(left) == 12
    assert 5 <= sum(reader in slow for reader in left) <= 7


def test_no_answer_is_no_claim(world: World) -> None:
    """A slice waits for one, and takes up the work as soon as there is."""
    world.launched(readers=3)
    limit(world, "overall", "", "10")
    world.pace.is_silent = True
    worker = Worker(world)
    worker.work(30)
    assert worker.left_at == []
    assert states(world) == [State.queued] * 3
    world.pace.is_silent = False
    worker.work(60)
    assert states(world) == [State.accepted] * 3


def test_a_day_sends_what_its_warm_up_allows(world: World) -> None:
    """The next day more; and an emptied keeper of tokens forgets nothing that stands in the ledger."""  # M52
    world.launched(readers=40)
    first_day = day_of(world.clock(), ZONE)
    with world.unit_of_work() as session:
        pace.set_warm_up(session, "server", SERVER, Warming(first_day, 10, Decimal("1.5"), 1_000))
    worker = Worker(world)
    worker.work(60)
    assert len(worker.left_at) == 10
    world.pace.forget()
    world.clock.move(seconds=60)
    worker.work(60)
    assert len(worker.left_at) == 10
    world.clock.move(hours=24)
    worker.work(60)
    assert len(worker.left_at) == 25


def test_what_a_claim_leaves_over_is_given_back(world: World) -> None:
    """Two readers in two shards, a hundred tokens: each claim asks for fifty and more."""
    world.launched(readers=2)
    limit(world, "overall", "", "100")
    asked = Asked(200, (Bucket("overall", "", Decimal(100)),))
    world.pace.take(asked)
    world.clock.move(seconds=1)
    Worker(world).work(1)
    left = world.pace.take(asked)
    assert left is not None
    assert left.total == 98


def test_what_was_claimed_and_not_handed_over_is_given_back(world: World) -> None:
    """Ten rows of one shard are claimed, the process is told to leave after the first."""
    world.launched(readers=160)
    limit(world, "overall", "", "200")
    limit(world, "domain", "example.ca", "200")
    buckets = Bucket("overall", "", Decimal(200)), Bucket("domain", "example.ca", Decimal(200))
    asked = Asked(200, buckets[:1], domains=buckets[1:])
    world.pace.take(asked)
    world.clock.move(seconds=1)
    worker = Worker(world)
    worker.stop = lambda: bool(worker.left_at)
    worker.slice(1)
    left = world.pace.take(asked)
    assert left is not None
    assert (left.total, left.by_domain) == (199, {"example.ca": 199})


@pytest.mark.parametrize("state", ["paused", "cancelled"])
def test_who_waits_for_tokens_hears_of_a_pause(world: World, state: str) -> None:
    """Nothing may leave for a long while; the slice ends within a second of it all the same."""  # M51
    world.launched(readers=1)
    limit(world, "overall", "", "0.001")
    paused_at: list[datetime] = []

    def wait(seconds: float) -> None:
        world.clock.move(seconds=seconds)
        if not paused_at and world.clock() - worker.began > timedelta(seconds=5):
            paused_at.append(world.clock())
            with world.unit_of_work() as session:
                session.execute(update(Campaign).values(state=state))

    world.wait = wait
    worker = Worker(world)
    worker.work(10)
    assert paused_at
    assert world.clock() - paused_at[0] < timedelta(seconds=1.5)
    assert worker.left_at == []


def test_a_limit_that_is_set_in_mid_slice_holds_within_a_second(world: World) -> None:
    world.launched(readers=64)
    worker = Worker(world)

    def dawdle(parcel: Parcel) -> None:
        worker.left_at.append((0, 0))
        world.clock.move(seconds=0.3)
        if len(worker.left_at) == 1:
            limit(world, "overall", "", "0.001")

    worker.transport.before = dawdle
    worker.work(10)
    assert len(worker.left_at) < 16


class TwoServers:
    """A way out with two servers, of which the first is preferred."""

    def next_server(self, shunned: set[str]) -> str | None:
        return next((name for name in ("a:25", "b:25") if name not in shunned), None)


@pytest.mark.parametrize(
    ("a", "b", "chosen", "wait_s"),
    [
        (None, None, "a", None),
        ("1", None, "b", None),
        ("1", "2", None, 0.5),
        ("4", "2", None, 0.25),
    ],
)
def test_a_server_without_tokens_is_passed_over(
    world: World, a: str | None, b: str | None, chosen: str | None, wait_s: float | None
) -> None:
    """With none left, the one that has some first is waited for."""
    rates = {f"{name}:25": Decimal(rate) for name, rate in (("a", a), ("b", b)) if rate}
    office = Office(1, None, TwoServers(), world.unit_of_work, world.clock)
    pacing = Pacing(Tempo(world.pace, rates, lambda seconds: None), office, ZONE)
    with world.unit_of_work() as session:
        pacing.refresh(session, world.clock())
    leave = pacing.ask(50, (), others=True)
    assert leave.wait_s == wait_s
    if chosen is None:
        assert leave.grant is None
    else:
        assert leave.grant is not None
        assert leave.grant.total == 50
        assert [asked.shared[0].name for asked in world.pace.asked] == (["a:25"] if chosen == "b" else [])
