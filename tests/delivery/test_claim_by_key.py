"""A claim touches the rows it takes, whatever PostgreSQL believes of the campaign: there may be a million."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from newsletter_app.campaigns import launch_due
from newsletter_app.delivery import DELIVERIES, Place, claim_rows, make_partition
from newsletter_app.kernel.base import make_engine
from newsletter_app.ledger import NextState, Record, State, open_sender, raise_claim_no, record
from newsletter_app.notices import Notice
from tests.clusters import database
from tests.conftest import create_tables
from tests.delivery.conftest import World
from tests.factories.content import make_tip
from tests.factories.engine import make_campaign

READERS, CLAIM = 1200, 20
# Each row is met by the walk, by its own update and by its lock; a little more is no harm.
MOST = 6 * CLAIM

READ = text(
    "SELECT coalesce(sum(idx_tup_fetch + seq_tup_read), 0) FROM pg_stat_xact_user_tables"
    " WHERE relname LIKE 'deliveries%' OR relname IN ('subscribers', 'subscriptions')"
)


def another_campaign(world: World) -> None:
    """Plan a second campaign, of which the statistics know nothing."""
    now = world.clock()
    with world.unit_of_work() as session:
        notice = session.get_one(Notice, world.notice_id)
        world.campaign_id = make_campaign(session, make_tip(session, notice, 25, now), [notice], now).id
        make_partition(session, world.campaign_id)
        launch_due(session, now)
    world.plan()


@pytest.fixture
def database_url(postgres_url: URL) -> Iterator[URL]:
    """Give a database of which nothing is known: that of all tests keeps what it learnt of others' rows."""
    with database(postgres_url, "unknown") as url:
        engine = make_engine(url)
        create_tables(engine)
        engine.dispose()
        yield url


@pytest.mark.postgres
@pytest.mark.parametrize("known", ["nothing is known", "the first is known", "all are known"])
def test_the_last_claim_of_a_shard_reads_no_more_than_the_first(world: World, known: str) -> None:
    """Statistics that are old, or new, do not send it through the rows before or all readers."""
    world.launched(READERS)
    if known == "the first is known":
        analyse(world)
    another_campaign(world)
    if known == "all are known":
        analyse(world)
    now, after, read = world.clock(), 0, []
    with world.unit_of_work() as session:
        sender = open_sender(session, "bulk", "host", "boot", 1, now).id
    while True:
        with reading(world, read) as session:
            place = Place(world.campaign_id, 0, sender, raise_claim_no(session, sender, now))
            taken = claim_rows(session, place, now, CLAIM, after)
        if not taken.rows:
            break
        after, accepted = taken.walked_to, NextState(State.accepted)
        done = [Record(row.ids, row.claim_no, accepted, None, "mx:25") for row in taken.rows]
        with world.unit_of_work() as session:
            assert len(record(session, DELIVERIES, sender, done, now)) == len(done)
    assert len(read) > READERS / 16 / CLAIM
    assert max(read) <= MOST, read


@contextmanager
def reading(world: World, read: list[int]) -> Iterator[Session]:
    """Give a transaction and note how many rows it read."""
    with world.unit_of_work() as session:
        before = int(session.scalar(READ) or 0)
        yield session
        read.append(int(session.scalar(READ) or 0) - before)


def analyse(world: World) -> None:
    with world.unit_of_work() as session:
        session.execute(text("ANALYZE"))
