"""The pace as the SMTP server saw it: who was mailed at which second, and how near that is to a rate."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from newsletter_app import pace
from tests.journeys.house import House
from tests.waiting import until

SETTLED_S = 2.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message of a campaign: when the server took it (``time.time()``), and to which domain."""

    at: float
    domain: str
    reader: int


def arrivals(house: House, number: int) -> list[Arrival]:
    """Return what the server took of the campaign of tip ``number``, in the order it took it."""
    rows = house.machine.rows("SELECT id FROM campaigns WHERE occurrence = :it", it=f"tip:{number}")
    mark = f"<c{rows[0]['id']}."
    return [
        Arrival(line["at"], line["recipient"].rpartition("@")[2], int(line["message_id"].split(".")[1]))
        for line in house.server.account()
        if line["message_id"].startswith(mark)
    ]


def set_pace(house: House, scope: str, name: str = "", *, per_second: str) -> None:
    """Set a limit; what an operator would type is tested elsewhere, and takes seconds to start."""
    with house.ports() as ports, ports.unit_of_work() as session:
        pace.set_limit(session, scope, name, Decimal(per_second))


def drop_pace(house: House, scope: str, name: str = "") -> None:
    """Lift a limit."""
    with house.ports() as ports, ports.unit_of_work() as session:
        pace.drop_limit(session, scope, name)


def windows(times: Sequence[float], seconds: float, count: int) -> list[int]:
    """Return how many of ``times`` lie in each of ``count`` windows, begun a tenth of a second apart.

    The first begins when all processes have found their step: who is slow to start finds a full bucket.
    Their median says at which rate the messages came, even when this machine, or the server, stood still
    for a moment at the edge of some.
    """
    begins = [times[0] + SETTLED_S + place / 10 for place in range(count)]
    return [sum(begin < at <= begin + seconds for at in times) for begin in begins]


def error_of(counts: Sequence[int], expected: float) -> float:
    """Return how far the median of ``counts`` is from ``expected``, as a part of it; one message is free."""
    return max(0.0, abs(median(counts) - expected) - 1) / expected


def let_pass(seconds: float) -> None:
    """Wait so long: only time shows that something did not happen."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end, "time passes", seconds + 5)
