"""``python -m bench``: reads what is to be measured, runs it, prints the tables; 1 when a row is void."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import report
from bench.postfix_programs import NoPostfix
from bench.program import run
from bench.scenarios import (
    DATABASES,
    PARTS,
    QUICK_PARTS,
    QUICK_READERS,
    QUICK_SIGNUPS,
    READERS,
    SIGNUPS,
    SIZES,
    Choices,
)
from tests.clusters import find_binaries

VOID, REFUSED = 1, 3
MOST_CONNECTIONS = 100
# Not /tmp, which may lie in memory, where fsync costs nothing.
FOLDER = Path("/var/tmp")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what ``arguments`` ask for; return 0, 1 when a row is void, 3 when it cannot run."""
    options = parser().parse_args(arguments)
    choices = choices_of(options)
    if "postgresql" in choices.databases and find_binaries() is None:
        return _refuse("PostgreSQL is not installed: install Debian's postgresql, or add --only sqlite.")
    try:
        results = run(choices, options.folder, _say)
    except NoPostfix as refusal:
        return _refuse(str(refusal))
    print(report.in_words(results))
    if options.json:
        options.json.write_text(report.as_json(results))
    return VOID if results.is_void() else 0


def choices_of(options: argparse.Namespace) -> Choices:
    """Return what was asked for as a value; what was not named is as usual."""
    only, quick = options.only, options.quick
    return Choices(
        databases=[name for name in DATABASES if name in only] or DATABASES,
        parts=[name for name in PARTS if name in only] or (QUICK_PARTS if quick else PARTS),
        readers=options.readers or (QUICK_READERS if quick else READERS),
        signups=options.signups or (QUICK_SIGNUPS if quick else SIGNUPS),
        grow=options.grow,
        processes=options.processes or ((2,) if quick else ()),
        sizes=options.size,
        dkim=[word == "on" for word in options.dkim],
        delays_ms=options.delay,
        connections=options.connections,
        runs=options.runs,
        with_statements=not quick,
    )


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    options = argparse.ArgumentParser(prog="bench", description="Measure the product beside its rivals.")
    words = (*DATABASES, *PARTS)
    options.add_argument("--only", type=_some(words), default=(), help=f"some of {', '.join(words)}")
    options.add_argument("--readers", type=_count, help=f"the audience ({READERS:,})")
    options.add_argument("--signups", type=_count, help=f"visitors who sign up ({SIGNUPS:,}, at most 5,900)")
    options.add_argument(
        "--grow", type=_numbers, default=(), help="audiences to compare memory by: 10000,1000000"
    )
    options.add_argument("--processes", type=_numbers, default=(), help="numbers of senders: 1,2,4")
    options.add_argument("--size", type=_some(SIZES), default=(), help=f"some of {', '.join(SIZES)}")
    options.add_argument("--dkim", type=_some(("off", "on")), default=(), help="off, on, or off,on")
    options.add_argument("--delay", type=_delays, default=(), help="round trips to the sink in ms: 0,50")
    options.add_argument(
        "--connections", type=_connections, default=(), help="connections of each sender: 5,20 (at most 100)"
    )
    options.add_argument("--runs", type=_count, help="runs of each campaign, smtp-source in between")
    options.add_argument("--quick", action="store_true", help="a look at everything with 300 readers")
    options.add_argument("--json", type=Path, metavar="FILE", help="write every figure there as well")
    options.add_argument("--folder", type=Path, default=FOLDER, help="on the disk to measure (%(default)s)")
    return options


def _some(words: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def some(text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(","))
        if not set(chosen) <= set(words):
            raise argparse.ArgumentTypeError(f"{text!r} is not made of {', '.join(words)}")
        return chosen

    return some


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_count(number) for number in text.split(","))


def _connections(text: str) -> tuple[int, ...]:
    numbers = _numbers(text)
    if max(numbers) > MOST_CONNECTIONS:
        raise argparse.ArgumentTypeError(f"{text!r} is more than SMTP_URL takes: {MOST_CONNECTIONS}")
    return numbers


def _delays(text: str) -> tuple[int, ...]:
    return tuple(_count(number, least=0) for number in text.split(","))


def _count(text: str, least: int = 1) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} on")
    return int(text)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
