"""The ledger at speed: planning, claiming and recording without a wire; says nothing about SMTP.

    python -m bench.ledger [--readers 20000] [--database sqlite|postgresql]

Prints, per reader, the CPU time of this process and of the database server, for planning, for the claims
and for the records, on durable settings.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.campaigns import launch_due
from newsletter_app.delivery import (
    DELIVERIES,
    SHARDS,
    ClaimedDelivery,
    Delivery,
    Place,
    claim_rows,
    make_partition,
)
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.unit_of_work import UnitOfWork, unit_of_work_from
from newsletter_app.ledger import MAX_CLAIM, NextState, Record, State, open_sender, raise_claim_no, record
from newsletter_app.mail.replies import Reply
from newsletter_app.notices import Notice
from newsletter_app.planning import SLICE, plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from tests.clusters import postgres_cluster
from tests.conftest import create_tables
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign

TICKS = os.sysconf("SC_CLK_TCK")
DOMAINS = ("example.ca", "example.org", "example.net", "example.com")


@dataclass
class Spent:
    """Seconds spent on each kind of work: (wall, CPU here, CPU of the server)."""

    server: int | None
    works: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def on(self, work: str) -> Iterator[None]:
        """Add the time of the block to ``work``."""
        before = self._now()
        yield
        sums = self.works.setdefault(work, [0.0, 0.0, 0.0])
        for place, (then, now) in enumerate(zip(before, self._now(), strict=True)):
            sums[place] += now - then

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), server_cpu(self.server)


def server_cpu(pid: int | None) -> float:
    """Return the CPU seconds of one PostgreSQL backend so far."""
    if pid is None:
        return 0.0
    # The scheduler's own count is in nanoseconds; the ticks of stat are too coarse for a claim.
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def add_readers(session: Session, notice: Notice, count: int, now: datetime) -> None:
    """Add readers of four domains, a third of them French, in statements of 10,000."""
    for start in range(1, count + 1, 10_000):
        numbers = range(start, min(start + 10_000, count + 1))
        session.execute(
            insert(Subscriber),
            [
                {
                    "id": number,
                    "address": f"reader{number}@{DOMAINS[number % 4]}",
                    "address_key": f"key-{number}",
                    "domain": DOMAINS[number % 4],
                    "language": "fr" if number % 3 == 0 else "en",
                    "created_at": now,
                }
                for number in numbers
            ],
        )
        session.execute(
            insert(Subscription),
            [
                {
                    "subscriber_id": number,
                    "notice_id": notice.id,
                    "state": "active",
                    "cadence": "each",
                    "cursor": notice.last_seq,
                    "created_at": now,
                    "confirmed_at": now,
                }
                for number in numbers
            ],
        )


def launch(unit_of_work: UnitOfWork, readers: int, now: datetime) -> int:
    """Make the audience and a campaign that is being planned; return its id."""
    with unit_of_work() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        add_readers(session, notice, readers, now)
        campaign_id = make_campaign(session, make_tip(session, notice, 24, now), [notice], now).id
    with unit_of_work() as session:
        make_partition(session, campaign_id)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
        launch_due(session, now)
    return campaign_id


def send(unit_of_work: UnitOfWork, campaign_id: int, spent: Spent, now: datetime) -> None:
    """Claim and record every row as accepted, shard after shard."""
    with unit_of_work() as session:
        sender = open_sender(session, "bulk", "host", "boot", 1, now).id
    for shard in range(SHARDS):
        after, rows = 0, list[ClaimedDelivery]()
        while after == 0 or rows:
            with spent.on("claim"), unit_of_work() as session:
                place = Place(campaign_id, shard, sender, raise_claim_no(session, sender, now))
                taken = claim_rows(session, place, now, MAX_CLAIM, after)
            after, rows = taken.walked_to, taken.rows
            if rows:
                with spent.on("record"), unit_of_work() as session:
                    record(session, DELIVERIES, sender, [accepted(row) for row in rows], now)


def accepted(row: ClaimedDelivery) -> Record:
    """Return the record of an accepted message."""
    reply = Reply(250, "2.0.0", "Ok: queued as 4F1B2C3D4E")
    return Record(row.ids, row.claim_no, NextState(State.accepted), reply, "127.0.0.1:2525")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    options = parser.parse_args()
    with ExitStack() as stack:
        if options.database == "postgresql":
            url = stack.enter_context(postgres_cluster(durable=True))
        else:
            url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/ledger.sqlite3"
        engine = make_engine(make_url(url), pool_size=1)
        stack.callback(engine.dispose)
        create_tables(engine)
        unit_of_work = unit_of_work_from(sessionmaker(engine, expire_on_commit=False))
        run(unit_of_work, options.readers)


def run(unit_of_work: UnitOfWork, readers: int) -> None:
    """Plan and send one campaign and print what a reader cost."""
    now = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    campaign_id = launch(unit_of_work, readers, now)
    with unit_of_work() as session:
        is_server = session.get_bind().dialect.name == "postgresql"
        spent = Spent(session.scalar(select(func.pg_backend_pid())) if is_server else None)
    more = True
    while more:
        with spent.on("plan"), unit_of_work() as session:
            more = plan_slice(session, campaign_id, SLICE, now)
    send(unit_of_work, campaign_id, spent, now)
    with unit_of_work() as session:
        done = session.scalar(select(func.count()).where(Delivery.state == State.accepted))
        assert done == readers, f"{done} of {readers} accepted"
    print(f"{readers} readers, microseconds per reader:  wall   here   server")
    for work, sums in spent.works.items():
        print(f"  {work:<8} " + "  ".join(f"{seconds / readers * 1e6:7.1f}" for seconds in sums))


if __name__ == "__main__":
    main()
