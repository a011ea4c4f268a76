"""Two years of publishing: ``python -m tests.planning.two_years --readers 50000 --years 2 --seed S --log F``.

Readers sign up, change their rhythm, zone, language and layout, pause, stop and come back; tips are sent,
campaigns cancelled and paused; the machine falls. Planning, claims and records are the product's own, on a
clock that jumps from one event to the next; only the wire is missing. A model that looks at each reader alone
says at every step what must be: it ends with status 1 at the first tip that is lost, doubled, early or late.
"""

from __future__ import annotations

import argparse
import gc
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, event

from newsletter_app.kernel.base import make_engine
from tests.clusters import postgres_cluster
from tests.conftest import create_tables
from tests.journeys.chaos import Teller
from tests.planning.acts import Acts
from tests.planning.fates import Fates
from tests.planning.world import World

BEGIN = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
NOTICES = 5
PROGRESS_DAYS = 7
STATEMENTS = 200
QUIET = timedelta(days=40)
Say = Callable[[str], None]


def main(arguments: list[str] | None = None) -> int:
    """Live the years, each part of the readers in a process and database of its own; return the status."""
    options = _parse(arguments)
    parts = [
        get_context("fork").Process(target=_part, args=(options, 1 + part)) for part in range(options.parts)
    ]
    for part in parts:
        part.start()
    waiting = {part.sentinel: part for part in parts}
    failed = False
    while waiting and not failed:
        over = [waiting.pop(sentinel) for sentinel in wait(list(waiting))]
        failed = any(part.exitcode for part in over)
    for part in waiting.values():
        part.terminate()
    return 1 if failed else 0


def _part(options: argparse.Namespace, part: int) -> None:
    """Live the years of one part of the readers; leave with 1 at the first difference."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    # The tests' conftest, from which the tables come, turns it off: 23 MB more a week.
    gc.enable()
    with ExitStack() as stack:
        teller = Teller(stack.enter_context(options.log.open("a")) if options.log else None)

        def say(line: str) -> None:
            teller(f"part {part} of {options.parts}, {line}")

        readers = options.readers // options.parts
        say(f"{readers} readers, {options.years} years, seed {options.seed}, {options.database}")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder)))
        folder.chmod(0o755)
        engine = stack.enter_context(open_database(options.database, folder))
        try:
            live(engine, folder, readers, round(options.years * 365), options.seed, say, part=part)
        except AssertionError as fault:
            say(f"not as promised: {fault}")
            sys.exit(1)


def live(
    engine: Engine,
    folder: Path,
    readers: int,
    days: int,
    seed: int,
    say: Say,
    *,
    part: int = 1,
    begin: datetime = BEGIN,
    quiet: timedelta = QUIET,
) -> World:
    """Live so many days, then let all become quiet. Raises AssertionError at the first difference."""
    world = World(engine, folder, begin, NOTICES)
    acts = Acts(world)
    fates = Fates(world, acts, readers, seed, joining=max(days - 60, 1), part=part)
    begun = time.monotonic()
    for day in range(1, days + 1):
        fates.live_a_day()
        if day % PROGRESS_DAYS == 0 or day == days:
            gc.collect()
            say(progress(world, fates, day, days, time.monotonic() - begun))
    become_quiet(world, acts, quiet)
    say(f"Quiet: every tip came that was to come. {summary(world)}")
    return world


def become_quiet(world: World, acts: Acts, quiet: timedelta) -> None:
    """Let whatever stands still go on, send one more tip, and wait for the last month's mail."""
    world.postman.fate = lambda _campaign, _reader: "accepted"
    for tip in sorted(world.taken_back):
        acts.put_back(tip)
    acts.resume_all()
    with world.house.at_once():
        for life in world.lives.values():
            if life.paused_until is not None:
                acts.go_on(life)
    world.move_to(world.now + timedelta(seconds=1))
    acts.schedule(world.house.notices, world.now)
    world.tick()
    world.move_to(world.now + quiet)
    world.compare()
    left = {life.id: life.awaited() for life in world.lives.values() if life.awaited()}
    assert not left, f"never came: {dict(list(left.items())[:5])} ({len(left)} readers)"
    assert not any(life.under_way for life in world.lives.values()), "mails are still under way"


def progress(world: World, fates: Fates, day: int, days: int, seconds: float) -> str:
    """Return how far the run is, what it took so far, and how long the rest will take at this pace."""
    left = seconds / day * (days - day) / 60
    memory = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    return (
        f"day {day} of {days}: {len(world.lives)} readers, {fates.acted} acts, {world.ticks} ticks,"
        f" {summary(world)}; {seconds / 60:.1f} min, {time.process_time() / 60:.1f} of a CPU,"
        f" {left:.0f} to go, {memory:.0f} MB"
    )


def summary(world: World) -> str:
    """Return what was planned and how it ended."""
    fates = ", ".join(f"{fate} {count}" for fate, count in sorted(world.postman.fates.items()))
    return f"{world.planned} mails planned: {fates}"


@contextmanager
def open_database(database: str, folder: Path) -> Iterator[Engine]:
    """Give an empty database; how durable it is plays no part here."""
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/lives.sqlite3"
        if database == "postgresql":
            url = stack.enter_context(postgres_cluster(below=folder, shared_buffers="512MB"))
        # Few statements are alike: those of planning name what is unseen. Kept, they would fill the memory.
        engine = make_engine(url, query_cache_size=STATEMENTS)
        if database == "sqlite":
            event.listen(engine, "connect", _forgo_durability)
        stack.callback(engine.dispose)
        create_tables(engine)
        yield engine


def _forgo_durability(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA cache_size=-65536")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=50_000)
    parser.add_argument("--parts", type=int, default=2, help="processes that share the readers (2)")
    parser.add_argument("--years", type=float, default=2)
    parser.add_argument("--seed", type=int, default=1, help="what decides everything (1)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--log", type=Path, help="append what is said to this file")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="where the database lies")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
