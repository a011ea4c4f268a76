"""Chaos as a command: ``python -m tests.journeys.chaos --rounds 200 --readers 20000 --seed N --log FILE``.

Each round sends a tip to everybody while processes, broker and database are killed by a plan that the seed
alone decides. It ends with status 1 when a reader was lost or mailed twice, an uncertain message is not
explained by a kill, or a window was not hit three times; what it ran on is then left for a look.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from tests.journeys.arena import Arena, Size, open_arena
from tests.journeys.chaos_plan import Plan, plan_round
from tests.journeys.rounds import Round, play
from tests.journeys.windows import UNTOUCHED, WINDOWS

HITS = 3
ENOUGH = 5  # Rounds that must hit every window so often.
PROGRESS_EVERY = 10


class Arenas:
    """The arenas of a run by their set, each begun when a round first needs it."""

    def __init__(self, stack: ExitStack, folder: Path, size: Size) -> None:
        """Keep what they need."""
        self._stack, self._folder, self._size = stack, folder, size
        self._open: dict[bool, Arena] = {}

    def of(self, *, embedded: bool) -> Arena:
        """Return the arena on this set."""
        if embedded not in self._open:
            folder = self._folder / ("embedded" if embedded else "larger")
            folder.mkdir()
            self._open[embedded] = open_arena(self._stack, folder, self._size, embedded=embedded)
        return self._open[embedded]


class Teller:
    """Says a line on the screen and into the log."""

    def __init__(self, log: TextIO | None) -> None:
        """Keep the log, if there is one."""
        self._log = log

    def __call__(self, line: str) -> None:
        """Say it at once."""
        print(line, flush=True)
        if self._log is not None:
            print(line, file=self._log, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the rounds on machines of their own; return the exit status."""
    options = _parse(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    rounds: list[Round] = []
    with ExitStack() as stack:
        say = Teller(stack.enter_context(options.log.open("a")) if options.log else None)
        say(_title(options))
        try:
            with ExitStack() as arenas:
                every = Arenas(arenas, folder, Size(options.readers))
                plans = (plan_round(options.seed, number) for number in options.numbers)
                for each in run_rounds(every, plans):
                    rounds.append(each)
                    say(each.line())
                    if len(rounds) % PROGRESS_EVERY == 0:
                        say(_progress(rounds, len(options.numbers)))
        except KeyboardInterrupt:
            say(f"Stopped; --from {rounds[-1].plan.number + 1 if rounds else options.numbers[0]} goes on.")
        say(summary(rounds))
        found = _faults(rounds, options.numbers)
        if found:
            say(f"Not as promised: {'; '.join(found[:5])}.")
        if found or options.keep:
            say(f"Logs and journals are left in {folder}")
        else:
            shutil.rmtree(folder)
    return 1 if found else 0


def run_rounds(arenas: Arenas, plans: Iterable[Plan]) -> Iterator[Round]:
    """Yield one round after the other; behind one that never ended nothing could be told of the next."""
    for plan in plans:
        played = play(arenas.of(embedded=plan.is_embedded), plan)
        yield played
        if played.is_late:
            return


def missed(rounds: Sequence[Round]) -> list[str]:
    """Return the windows that all rounds together hit less than three times."""
    hits = _hits(rounds)
    return [window for window in WINDOWS if hits[window] < HITS]


def summary(rounds: Sequence[Round]) -> str:
    """Return all rounds in one line."""
    tallies, blows = [each.tally for each in rounds], [blow for each in rounds for blow in each.moments]
    counts = {
        "accepted": sum(tally.accepted for tally in tallies),
        "uncertain": sum(len(tally.uncertain) for tally in tallies),
        "of these taken": sum(tally.uncertain_taken for tally in tallies),
        "lost": sum(tally.lost for tally in tallies),
        "doubled": sum(tally.doubled for tally in tallies),
        "faults": sum(len(each.faults()) for each in rounds),
    }
    kinds = Counter(blow.kind for blow in blows)
    return (
        f"{len(rounds)} rounds in {sum(each.seconds for each in rounds) / 60:.1f} min: {_counted(counts)};"
        f" {sum(blow.killed for blow in blows)} processes hit by {len(blows)} blows"
        f" ({_counted(dict(kinds.most_common()))}); kills by window: {_counted(_hits(rounds))}"
    )


def _title(options: argparse.Namespace) -> str:
    first, last = options.numbers[0], options.numbers[-1]
    return f"rounds {first} to {last}, {options.readers} readers, seed {options.seed}; --round K repeats one"


def _progress(rounds: Sequence[Round], wanted: int) -> str:
    """Return how far the run is, and how long the rest will take at this pace."""
    spent = sum(each.seconds for each in rounds) / 60
    left = spent / len(rounds) * (wanted - len(rounds))
    faults = sum(len(each.faults()) for each in rounds)
    return (
        f"{len(rounds)} of {wanted} rounds in {spent:.1f} min, {left:.0f} min to go, {faults} faults so far"
    )


def _faults(rounds: Sequence[Round], wanted: Sequence[int]) -> list[str]:
    found = [f"round {each.plan.number}: {fault}" for each in rounds for fault in each.faults()]
    if len(rounds) >= ENOUGH and len(rounds) == len(wanted):
        found += [f"the window {window} was hit less than {HITS} times" for window in missed(rounds)]
    return found


def _hits(rounds: Sequence[Round]) -> dict[str, int]:
    hits = sum((each.windows() for each in rounds), Counter[str]())
    return {window: hits[window] for window in (*WINDOWS, UNTOUCHED)}


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill what a campaign needs, in its middle; count readers.")
    parser.add_argument("--rounds", type=int, default=200, help="how many (200)")
    parser.add_argument("--readers", type=int, default=20_000, help="of each round (20000)")
    parser.add_argument("--seed", type=int, default=1, help="what decides every round's plan (1)")
    parser.add_argument("--from", type=int, default=1, metavar="K", dest="first", help="begin with round K")
    parser.add_argument("--round", type=int, metavar="K", help="play round K alone")
    parser.add_argument("--log", type=Path, help="append what is said to this file")
    parser.add_argument("--keep", action="store_true", help="leave logs and journals, as after a fault")
    options = parser.parse_args(arguments)
    alone = options.round is not None
    options.numbers = [options.round] if alone else list(range(options.first, options.rounds + 1))
    return options


if __name__ == "__main__":
    sys.exit(main())
