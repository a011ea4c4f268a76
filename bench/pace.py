"""How exactly four sending processes keep a pace, measured where the mail arrives, on the server's clock.

    python -m bench.pace [--only overall,server,domain] [--seconds 60] [--minutes 1] [--folder /var/tmp]

Each rate gets a product of its own as in life (embedded broker, SQLite, four bulk workers) and one or two
SMTP servers that note when they took which message: 100 a second overall; 50 a second to each of two servers;
10 a second to one domain while everybody else is served at once. A line per rate and minute tells what was
expected, what came and how far that is off; ``--seconds`` makes a "minute" shorter. A bucket holds a second's
worth, so that who stood still may catch up: "in a second" tells the fewest and the most that came within
one, and a minute may hold a sixtieth too many after a standstill. It ends with status 1 where a minute is off
by more than 2 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.fakes.smtp_server import SmtpServerProcess
from tests.journeys.house import House, run
from tests.journeys.machine import Machine
from tests.journeys.paces import SETTLED_S, set_pace
from tests.journeys.readers import DOMAIN, add_readers
from tests.waiting import until

PROCESSES: Final = 4
MOST_OFF: Final = 0.02
SLOW: Final = "slow.example"
OTHERS, OTHER_DOMAINS = 3000, ("quick.example", "swift.example")
SPARE_S: Final = 5  # So many seconds of mail lie behind the last that is counted.


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit to measure: its scope, messages a second, and over how many servers mail leaves."""

    scope: str
    per_second: int
    servers: int = 1


@dataclass(frozen=True, slots=True)
class Minute:
    """What came in one minute (or fewer seconds): how many were expected, and how many a second held."""

    expected: int
    came: int
    least: int
    most: int

    @property
    def off(self) -> float:
        """How far it is off, as a part of what was expected; above 0 too many came."""
        return self.came / self.expected - 1


RATES: Final = (Rate("overall", 100), Rate("server", 50, servers=2), Rate("domain", 10))


def main() -> int:
    """Measure what the command line says and print it; 1 when a minute is off by more than 2 %."""
    options = _options()
    worst = 0.0
    for rate in (one for one in RATES if one.scope in options.only):
        with tempfile.TemporaryDirectory(prefix="pace-", dir=options.folder) as folder:
            for name, times in arrivals(rate, options.seconds * options.minutes, Path(folder)).items():
                for place, minute in enumerate(minutes(times, rate.per_second, options.seconds), 1):
                    print(_line(rate, name, place, minute), flush=True)
                    worst = max(worst, abs(minute.off))
    return 1 if worst > MOST_OFF else 0


def arrivals(rate: Rate, seconds: int, folder: Path) -> dict[str, list[float]]:
    """Send a tip under this limit; return limited name → when its messages came, behind the first moments.

    A second that has fully passed on the server's clock counts, up to ``seconds`` of them.
    """
    with ExitStack() as stack:
        house, servers = _open(stack, rate, folder)
        count = round(rate.per_second * rate.servers * (SETTLED_S + seconds + SPARE_S))
        add_readers(house, count, domains=(SLOW,) if rate.scope == "domain" else (DOMAIN,))
        if rate.scope == "domain":
            add_readers(house, OTHERS, domains=OTHER_DOMAINS)
        for name in _names(rate, servers):
            set_pace(house, rate.scope, name, per_second=str(rate.per_second))
        house.write_tip(1)
        house.publish(1)
        wanted = SETTLED_S + seconds + 1
        until(lambda: _lasted(rate, servers) > wanted, "it was sent long enough", 3 * wanted + 60, every=0.5)
        return {
            name: settled(times, seconds)
            for name, times in zip(_names(rate, servers), _times(rate, servers), strict=True)
        }


def settled(times: Sequence[float], seconds: int) -> list[float]:
    """Return ``times`` from the moment on at which every process had found its step, counted from there."""
    since = [at - times[0] - SETTLED_S for at in times]
    return [at for at in since if 0 <= at < seconds]


def minutes(times: Sequence[float], per_second: int, seconds: int) -> Iterator[Minute]:
    """Yield what each ``seconds`` of these times held, the last one included; nothing for no times."""
    by_second = [0] * (-(-(int(max(times, default=-1)) + 1) // seconds) * seconds)
    for at in times:
        by_second[int(at)] += 1
    for begin in range(0, len(by_second), seconds):
        these = by_second[begin : begin + seconds]
        yield Minute(per_second * seconds, sum(these), min(these), max(these))


def _open(stack: ExitStack, rate: Rate, folder: Path) -> tuple[House, list[SmtpServerProcess]]:
    servers = [_server(stack, folder / f"server-{number}") for number in range(rate.servers)]
    urls = [f"smtp://127.0.0.1:{server.port}?starttls=off" for server in servers]
    house = House(Machine(folder, SMTP_URL=" ".join(urls)), server=servers[0], mails=folder)
    run(stack, house, bulk=PROCESSES)
    return house, servers


def _server(stack: ExitStack, folder: Path) -> SmtpServerProcess:
    folder.mkdir()
    return stack.enter_context(SmtpServerProcess(folder, None, "--keep", ""))


def _names(rate: Rate, servers: Sequence[SmtpServerProcess]) -> list[str]:
    """Return what the limit is called, once for each that is measured."""
    if rate.scope == "server":
        return [f"127.0.0.1:{server.port}" for server in servers]
    return [SLOW if rate.scope == "domain" else ""]


def _times(rate: Rate, servers: Sequence[SmtpServerProcess]) -> list[list[float]]:
    """Return when the servers took limited messages, for each that is measured."""
    return [[line["at"] for line in server.account() if _counts(rate, line)] for server in servers]


def _counts(rate: Rate, line: dict[str, Any]) -> bool:
    return rate.scope != "domain" or str(line["recipient"]).endswith(f"@{SLOW}")


def _lasted(rate: Rate, servers: Sequence[SmtpServerProcess]) -> float:
    return min(times[-1] - times[0] if times else 0.0 for times in _times(rate, servers))


def _line(rate: Rate, name: str, place: int, minute: Minute) -> str:
    what = f"{rate.scope} {name}".strip()
    return (
        f"{what:24} {rate.per_second:4}/s  minute {place}: expected {minute.expected}, came {minute.came},"
        f" off by {minute.off:+.2%}; in a second {minute.least} to {minute.most}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pace")
    every = tuple(rate.scope for rate in RATES)
    parser.add_argument("--only", type=lambda text: text.split(","), default=every, help=", ".join(every))
    parser.add_argument("--seconds", type=int, default=60, help="how long a minute is (60)")
    parser.add_argument("--minutes", type=int, default=1, help="how many are measured of each rate (1)")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where everything lies meanwhile")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
