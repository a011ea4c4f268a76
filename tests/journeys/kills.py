"""The kill rounds as a command: ``python -m tests.journeys.kills --rounds 20 --seed N --log FILE``.

Ends with status 1 when a reader was lost or mailed twice, an uncertain message is not explained by a kill, or
a window was not hit three times.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from tests.clusters import postgres_cluster
from tests.journeys.house import House, open_house
from tests.journeys.machine import redis_server
from tests.journeys.readers import add_readers
from tests.journeys.rounds import KILLS, UNTOUCHED, WINDOWS, Round, kill_round

HITS = 3
DELAY_MS, STALL_MS = 5, 60


def main(arguments: list[str] | None = None) -> int:
    """Run the rounds on one machine, one campaign each; return the exit status."""
    options = _parse(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kills-", dir="/tmp")))
        log = stack.enter_context(options.log.open("a")) if options.log else None
        house = open_arena(stack, folder, options.readers, on_postgres=options.postgres)
        rounds = []
        for each in run_rounds(house, options.rounds, options.seed, options.kills):
            _say(each.line(), log)
            rounds.append(each)
        faults = [fault for each in rounds for fault in each.faults()]
        faults += house.server.violations()
        _say(summary(rounds), log)
        return 1 if faults or missed(rounds) else 0


def open_arena(stack: ExitStack, folder: Path, readers: int, *, on_postgres: bool = False) -> House:
    """Start a machine with so many readers, and a slow SMTP server that counts mails and keeps none."""
    environment: dict[str, Any] = {}
    if on_postgres:
        environment["DATABASE_URL"] = stack.enter_context(postgres_cluster(durable=True))
        environment["REDIS_URL"] = stack.enter_context(redis_server(folder))
    slow = ("--delay-ms", str(DELAY_MS), "--stall-ms", str(STALL_MS), "--keep", "")
    house = open_house(stack, folder, None, slow, **environment)
    add_readers(house, readers)
    return house


def run_rounds(house: House, rounds: int, seed: int, kills: int = KILLS) -> Iterator[Round]:
    """Yield one round after the other, each under a supervisor that has seen nobody die."""
    for number in range(1, rounds + 1):
        if number > 1:
            house.machine.stop()
            house.machine.start()
        yield kill_round(house, number, f"{seed}:{number}", kills)


def missed(rounds: list[Round]) -> list[str]:
    """Return the windows that all rounds together hit less than three times."""
    hits = sum((each.windows() for each in rounds), Counter[str]())
    return [window for window in WINDOWS if hits[window] < HITS]


def summary(rounds: list[Round]) -> str:
    """Return all rounds in one line."""
    hits = sum((each.windows() for each in rounds), Counter[str]())
    kills = sum(len(each.moments) for each in rounds)
    told = ", ".join(f"{window} {hits[window]}" for window in (*WINDOWS, UNTOUCHED))
    tallies = [each.tally for each in rounds]
    counts = {
        "accepted": sum(tally.accepted for tally in tallies),
        "uncertain": sum(len(tally.uncertain) for tally in tallies),
        "of these taken": sum(tally.uncertain_taken for tally in tallies),
        "lost": sum(tally.lost for tally in tallies),
        "doubled": sum(tally.doubled for tally in tallies),
    }
    counted = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"{len(rounds)} rounds, {kills} kills; kills by window: {told}; {counted}"


def _say(line: str, log: TextIO | None) -> None:
    print(line, flush=True)
    if log is not None:
        print(line, file=log, flush=True)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill the bulk worker in mid-campaign, and count readers.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--readers", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=KILLS, help="per round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="append the log to this file")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL and redis-server")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
