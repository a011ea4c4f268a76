"""Rows that were just claimed or recorded are found by their key: on SQLite, too, there may be millions."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from newsletter_app import suppression
from newsletter_app.delivery import DELIVERIES, Place, claim_rows, recheck_rows
from newsletter_app.ledger import NextState, Record, State, open_sender, raise_claim_no, record
from newsletter_app.mail.replies import Reply
from newsletter_app.subscribers import Subscriber
from tests.delivery.conftest import World

# One shard's, so that one claim meets them all.
READERS = 16 * 6
GONE = Reply(550, "5.1.1", "no such box")


def watched(session: Session) -> list[str]:
    """Return the steps of every statement from now on, as SQLite means to take them."""
    steps: list[str] = []

    def explain(connection: Connection, _cursor: object, sql: str, given: Any, *_rest: object) -> None:
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            cursor = connection.connection.cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", given)
            steps.extend(row[-1] for row in cursor.fetchall())

    event.listen(session.connection(), "before_cursor_execute", explain)
    return steps


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_claim_and_its_outcomes_ask_reads_their_rows_alone(world: World) -> None:
    """Settled on the way and given back, refused, expired, looked at again."""
    world.launched(READERS)
    now = world.clock()
    with world.unit_of_work() as session:
        steps = watched(session)
        first = session.get_one(Subscriber, 16)
        suppression.suppress(session, first.address_key, "bulk", "bounce", "", now)
        session.get_one(Subscriber, 32).paused_until = now.replace(year=now.year + 1)
        sender = open_sender(session, "bulk", "host", "boot", 1, now).id
        place = Place(world.campaign_id, 0, sender, raise_claim_no(session, sender, now))
        rows = claim_rows(session, place, now, READERS).rows
        recheck_rows(session, place, [row.ids for row in rows], now)
        ends = [NextState(State.refused, "hard"), NextState(State.expired), NextState(State.accepted)]
        done = [Record(row.ids, row.claim_no, end, GONE, "mx") for row, end in zip(rows, ends, strict=False)]
        assert len(rows) == 4
        assert len(record(session, DELIVERIES, sender, done, now)) == len(ends)
    assert any("deliveries" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN deliveries")] == []
