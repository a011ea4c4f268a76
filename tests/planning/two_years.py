"""Two years of publishing: ``python -m tests.planning.two_years --readers 50000 --years 2 --seed S --log F``.

Readers sign up, change their rhythm, zone, language and layout, pause, stop and come back; tips are sent,
campaigns cancelled and paused; the machine falls. Planning, claims and records are the product's own, on a
clock that jumps from one event to the next; only the wire is missing. A model that looks at each reader alone
says at every step what must be: it ends with status 1 at the first tip that is lost, doubled, early or late.
"""

from __future__ import annotations

import argparse
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine

from newsletter_app.kernel.base import make_engine
from tests.clusters import postgres_cluster
from tests.conftest import create_tables
from tests.journeys.chaos import Teller
from tests.planning.acts import Acts
from tests.planning.fates import Fates
from tests.planning.world import World

BEGIN = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
NOTICES = 3
PROGRESS_DAYS = 7
QUIET = timedelta(days=40)
Say = Callable[[str], None]


def main(arguments: list[str] | None = None) -> int:
    """Live the years; return the exit status."""
    options = _parse(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with ExitStack() as stack:
        say = Teller(stack.enter_context(options.log.open("a")) if options.log else None)
        say(
            f"{options.readers} readers, {options.years} years, seed {options.seed}, {options.database}:"
            " the seed alone decides everything"
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder)))
        folder.chmod(0o755)
        engine = stack.enter_context(open_database(options.database, folder))
        try:
            live(engine, folder, options.readers, round(options.years * 365), options.seed, say)
        except AssertionError as fault:
            say(f"Not as promised: {fault}")
            return 1
    return 0


def live(
    engine: Engine,
    folder: Path,
    readers: int,
    days: int,
    seed: int,
    say: Say,
    *,
    begin: datetime = BEGIN,
    quiet: timedelta = QUIET,
) -> World:
    """Live so many days, then let all become quiet. Raises AssertionError at the first difference."""
    world = World(engine, folder, begin, NOTICES)
    acts = Acts(world)
    fates = Fates(world, acts, readers, seed, joining=max(days - 60, 1))
    begun = time.monotonic()
    for day in range(1, days + 1):
        fates.live_a_day()
        if day % PROGRESS_DAYS == 0 or day == days:
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
    left = {life.id: life.awaited() for life in world.lives.values() if life.awaited()}
    assert not left, f"never came: {dict(list(left.items())[:5])} ({len(left)} readers)"
    assert not any(life.under_way for life in world.lives.values()), "mails are still under way"


def progress(world: World, fates: Fates, day: int, days: int, seconds: float) -> str:
    """Return how far the run is, and how long the rest will take at this pace."""
    left = seconds / day * (days - day) / 60
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"day {day} of {days}: {len(world.lives)} readers, {fates.acted} acts, {world.ticks} ticks,"
        f" {summary(world)}; {seconds / 60:.1f} min, {left:.0f} to go, {peak:.0f} MB"
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
        engine = make_engine(url)
        stack.callback(engine.dispose)
        create_tables(engine)
        yield engine


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=50_000)
    parser.add_argument("--years", type=float, default=2)
    parser.add_argument("--seed", type=int, default=1, help="what decides everything (1)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--log", type=Path, help="append what is said to this file")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="where the database lies")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
