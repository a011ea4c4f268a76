"""Planning a weekly digest of several notices, slice by slice as a worker does, with nothing beside it.

    python -m bench.planning [--readers 1000000] [--notices 5] [--one-each] [--slice N]
                             [--database sqlite|postgresql]

Everybody reads the notices by the week, or with ``--one-each`` one of them, and each has a new tip. Every
tenth reader had the first of them already, every hundredth is owed an older one. A third read French, a tenth
in large print, a third have an hour and a zone of their own. It prints seconds (of the clock, of this
process's and of the database's CPU), slices, how far this process grew, editions, and what is rendered for
them: tips × languages × layouts. All settings are durable.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, insert, literal, select, text, true
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from bench import machine_facts
from bench.ledger import server_cpu
from newsletter_app.campaigns import Edition, EditionItem, launch_due, schedule_digests
from newsletter_app.delivery import Delivery, make_partition
from newsletter_app.kernel.base import UtcDateTime, make_engine
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.kernel.unit_of_work import UnitOfWork, unit_of_work_from
from newsletter_app.notices import Notice
from newsletter_app.planning import SLICE, plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Subscription
from newsletter_app.tips import Publication, send_into
from tests.clusters import postgres_cluster
from tests.conftest import create_tables
from tests.factories.content import make_notice, make_organisation, make_tip

NOW: Final = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
DAY: Final = date(2026, 3, 10)
BATCH: Final = 50_000
ZONES: Final = ("America/St_Johns", "America/Toronto", "America/Vancouver")
HOURS: Final = (7, 12, 18)
FRENCH_EVERY, LARGE_EVERY, WISHING_EVERY, BEHIND_EVERY, OWED_EVERY = 3, 10, 3, 10, 100


class Planned(NamedTuple):
    """What planning took and made; memory in MB above what the process held before."""

    readers: int
    seconds: float
    cpu: float
    server: float
    slices: int
    grown_mb: float
    editions: int
    renderings: int


def main(arguments: Sequence[str]) -> int:
    """Fill a database, plan, print."""
    asked = _parser().parse_args(arguments)
    # Switched off by the tests, whose tables are made here: what is garbage would be told as growth.
    gc.enable()
    print(", ".join(f"{name} {value}" for name, value in machine_facts.facts().items()))
    print(machine_facts.warning(machine_facts.facts()))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=asked.folder)))
        folder.chmod(0o755)
        url = f"sqlite:///{folder}/planning.sqlite3"
        if asked.database == "postgresql":
            url = stack.enter_context(postgres_cluster(durable=True, below=folder, shared_buffers="1GB"))
        engine = make_engine(make_url(url), pool_size=1)
        stack.callback(engine.dispose)
        create_tables(engine)
        unit_of_work = unit_of_work_from(sessionmaker(engine, expire_on_commit=False))
        campaign_id = fill(unit_of_work, asked.readers, asked.notices, one_each=asked.one_each)
        if asked.database == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        print(in_words(asked.database, plan(unit_of_work, campaign_id, asked.slice)))
    return 0


def fill(unit_of_work: UnitOfWork, readers: int, notices: int, *, one_each: bool = False) -> int:
    """Make the readers and the weekly campaign that is to be planned; return its id."""
    with unit_of_work() as session:
        make_organisation(session)
        made = [make_notice(session, NOW, f"notice-{place}") for place in range(notices)]
        for notice in made:
            # An older tip, which everybody had but who is owed it, and the new one.
            send_into(session, make_tip(session, notice, None, NOW), [notice.id], NOW)
        ids = [notice.id for notice in made]
    for first in range(1, readers + 1, BATCH):
        with unit_of_work() as session:
            session.execute(insert(Subscriber), _subscribers(range(first, min(first + BATCH, readers + 1))))
    for place, notice_id in enumerate(ids):
        with unit_of_work() as session:
            _subscribe(session, notice_id, Subscriber.id % notices == place if one_each else true())
    with unit_of_work() as session:
        _owe(session, ids[0])
        for notice_id in ids:
            notice = session.get_one(Notice, notice_id)
            send_into(session, make_tip(session, notice, None, NOW), [notice_id], NOW)
        # Every tenth had the first notice's new tip already.
        had = Subscription.notice_id == ids[0], Subscription.subscriber_id % BEHIND_EVERY == 0
        session.execute(Subscription.__table__.update().where(*had).values(cursor=2))
        schedule_digests(session, NOW)
    with unit_of_work() as session:
        [campaign_id] = launch_due(session, begins_at(DAY))
        make_partition(session, campaign_id)
    return campaign_id


def plan(unit_of_work: UnitOfWork, campaign_id: int, limit: int) -> Planned:
    """Plan the campaign slice by slice, and return what it took."""
    with unit_of_work() as session:
        is_server = session.get_bind().dialect.name == "postgresql"
        server = session.scalar(select(func.pg_backend_pid())) if is_server else None
    # From here on the peak is told anew (proc(5), clear_refs).
    Path("/proc/self/clear_refs").write_text("5")
    before = _peak_mb(), time.perf_counter(), time.process_time(), server_cpu(server)
    slices, more = 0, True
    while more:
        with unit_of_work() as session:
            more = plan_slice(session, campaign_id, limit, begins_at(DAY))
        slices += 1
    after = _peak_mb(), time.perf_counter(), time.process_time(), server_cpu(server)
    grown, seconds, cpu, served = (now - then for then, now in zip(before, after, strict=True))
    with unit_of_work() as session:
        editions = session.scalar(select(func.count()).select_from(Edition)) or 0
        rendered = (
            select(Publication.tip_id, Edition.language, Edition.layout)
            .join(EditionItem, EditionItem.publication_id == Publication.id)
            .join(Edition, Edition.id == EditionItem.edition_id)
            .distinct()
        )
        renderings = session.scalar(select(func.count()).select_from(rendered.subquery())) or 0
        readers = session.scalar(select(func.count()).select_from(Delivery)) or 0
    return Planned(readers, seconds, cpu, served, slices, grown, editions, renderings)


def in_words(database: str, planned: Planned) -> str:
    """Return one line."""
    return (
        f"{database}: {planned.readers:,} readers planned in {planned.seconds:.1f} s (CPU here"
        f" {planned.cpu:.1f} s, of the server {planned.server:.1f} s) in {planned.slices} slices;"
        f" {planned.grown_mb:.1f} MB more; {planned.editions} editions of {planned.renderings} renderings"
    )


def _subscribers(numbers: range) -> list[dict[str, Any]]:
    return [
        {
            "address": f"reader{number}@mail{number % 40}.example.ca",
            "address_key": f"key-{number}",
            "domain": f"mail{number % 40}.example.ca",
            "language": "en" if number % FRENCH_EVERY else "fr",
            "layout": "standard" if number % LARGE_EVERY else "large",
            "hour": None if number % WISHING_EVERY else HOURS[number % len(HOURS)],
            "time_zone": None if number % WISHING_EVERY else ZONES[number // 7 % len(ZONES)],
            "created_at": NOW,
        }
        for number in numbers
    ]


def _subscribe(session: Session, notice_id: int, theirs: ColumnElement[bool]) -> None:
    at = literal(NOW, UtcDateTime)
    row = {
        "subscriber_id": Subscriber.id,
        "notice_id": literal(notice_id),
        "state": literal("active"),
        "cadence": literal("weekly"),
        "cursor": literal(1),
        "created_at": at,
        "confirmed_at": at,
    }
    statement = select(*row.values()).where(theirs).order_by(Subscriber.id)
    session.execute(insert(Subscription).from_select(list(row), statement, include_defaults=False))


def _owe(session: Session, notice_id: int) -> None:
    """Owe every hundredth reader the notice's older tip."""
    owed = (
        select(Subscription.id, Publication.id, literal(NOW, UtcDateTime))
        .join(Publication, Publication.notice_id == Subscription.notice_id)
        .where(Subscription.notice_id == notice_id, Subscription.subscriber_id % OWED_EVERY == 0)
    )
    names = ["subscription_id", "publication_id", "created_at"]
    session.execute(insert(Owed).from_select(names, owed))


def _peak_mb() -> float:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.planning", description=__doc__)
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--notices", type=int, default=5)
    parser.add_argument("--one-each", action="store_true", help="each reads one notice, and not all of them")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--slice", type=int, default=SLICE, help="readers in one transaction (%(default)s)")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
