"""Gathering rings: a burst leaves as few, and its last row is always rung for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from newsletter_app.adapters.gathering import EVERY_S, MOST_REMEMBERED, GatheringRinger
from newsletter_app.kernel.rings import Ring
from tests.adapters.test_celery_ring import Seconds
from tests.waiting import until

RING, OTHER = Ring("decide_signups"), Ring("send_service_mails")


@dataclass
class Alarms:
    """What is to be done later, done when a test says so."""

    seconds: Seconds
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def __call__(self, wait_s: float, act: Callable[[], None]) -> None:
        self.waiting.append((self.seconds.now + wait_s, act))

    def go_off(self) -> None:
        """Let the time of the earliest come."""
        self.waiting.sort(key=lambda alarm: alarm[0])
        at, act = self.waiting.pop(0)
        self.seconds.now = at
        act()


def test_a_ring_that_comes_alone_leaves_at_once() -> None:
    """And nothing waits, so that a command that rings once ends at once."""
    rung: list[Ring] = []
    alarms = Alarms(Seconds())
    ringer = GatheringRinger(rung.append, later=alarms, monotonic=alarms.seconds)
    for _ in range(3):
        ringer(RING)
        ringer(OTHER)
        alarms.seconds.now += EVERY_S
    assert rung == [RING, OTHER] * 3
    assert alarms.waiting == []


def test_a_burst_leaves_as_its_first_and_its_last() -> None:
    """One alarm for all of them; the next burst begins where that one left."""
    rung: list[Ring] = []
    alarms = Alarms(Seconds())
    ringer = GatheringRinger(rung.append, later=alarms, monotonic=alarms.seconds)
    for _ in range(50):
        ringer(RING)
    assert (rung, len(alarms.waiting)) == ([RING], 1)
    alarms.go_off()
    assert rung == [RING] * 2
    assert alarms.seconds.now == EVERY_S
    ringer(RING)
    assert (rung, len(alarms.waiting)) == ([RING] * 2, 1)
    alarms.go_off()
    assert rung == [RING] * 3
    assert alarms.seconds.now == 2 * EVERY_S


def test_what_rings_while_one_leaves_is_rung_for_again() -> None:
    """The one that leaves may come too early for it."""
    alarms = Alarms(Seconds())
    rung: list[Ring] = []

    def ring_and_be_overtaken(ring: Ring) -> None:
        rung.append(ring)
        if len(rung) == 2:
            ringer(RING)

    ringer = GatheringRinger(ring_and_be_overtaken, later=alarms, monotonic=alarms.seconds)
    ringer(RING)
    ringer(RING)
    alarms.go_off()
    alarms.go_off()
    assert len(rung) == 3


def test_without_a_thread_it_rings_at_once() -> None:
    """As when the interpreter is about to end."""
    rung: list[Ring] = []

    def no_thread(_wait_s: float, _act: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread at interpreter shutdown")

    ringer = GatheringRinger(rung.append, later=no_thread)
    ringer(RING)
    ringer(RING)
    assert rung == [RING, RING]


def test_it_does_not_remember_every_ring_there_ever_was() -> None:
    """A worker rings for other shards all its life."""
    seconds = Seconds()
    ringer = GatheringRinger(lambda _ring: None, monotonic=seconds)
    for number in range(10 * MOST_REMEMBERED):
        ringer(Ring("send_shard", (number,)))
        seconds.now += EVERY_S
    assert len(ringer._rung) <= MOST_REMEMBERED


def test_threads_lose_no_ring() -> None:
    """Whatever was written before a ring is seen by a ring that leaves after it."""
    lock, written, seen = threading.Lock(), [0], [0]

    def look(_ring: Ring) -> None:
        with lock:
            seen[0] = max(seen[0], written[0])

    ringer = GatheringRinger(look)

    def write() -> None:
        for _ in range(500):
            with lock:
                written[0] += 1
            ringer(RING)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: seen[0] == 2000, "the last row is rung for")
