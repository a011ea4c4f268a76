"""A slice compares its own readers with each other, whatever PostgreSQL believes of their wishes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, insert, literal, select, text, true, update
from sqlalchemy.orm import Session

from bench.ledger import add_readers
from newsletter_app.campaigns import launch_due, schedule_digests
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.planning import plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import OWED, Owed, Series, Subscription
from newsletter_app.tips import Publication, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader

READERS, SLICE = 2000, 100
# A row of the slice is held against the few rows of the tables of editions and hours.
MOST = 10 * SLICE


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_no_reader_of_a_slice_is_held_against_all(session: Session, now: datetime) -> None:
    """With fresh statistics, too: a wish for no hour is not rare because a table of hours has one row."""
    campaign_id = _launched(session, now)
    assert _compared(session, campaign_id, now) <= MOST


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_nor_by_a_series(session: Session, now: datetime) -> None:
    """All read from tip 1, with two tips ahead of them: a slice looks at its own and at nobody else's."""
    make_organisation(session)
    notice = make_notice(session, now)
    for number in (1, 2):
        send_into(session, make_tip(session, notice, number, now), [notice.id], now)
    add_readers(session, notice, READERS, now)
    every = select(Subscription.id)
    series = every.add_columns(literal("daily"), literal(0), literal(now, UtcDateTime))
    session.execute(insert(Series).from_select(["subscription_id", "pace", "position", "started_at"], series))
    ahead = every.add_columns(Publication.id, true(), literal(now, UtcDateTime)).join(Publication, true())
    session.execute(insert(Owed).from_select(OWED, ahead))
    begins = begins_at(date(2026, 3, 4))
    schedule_digests(session, now)
    [campaign_id] = launch_due(session, begins)
    assert _compared(session, campaign_id, begins) <= MOST
    assert session.scalar(select(func.count()).select_from(Owed)) == 2 * READERS


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_where_a_slice_ends_is_asked_of_no_more_than_a_slice_of_each_notice(
    session: Session, now: datetime
) -> None:
    """Else whoever is left is sorted anew for every slice, and twice the readers take four times as long."""
    make_organisation(session)
    notices = [make_notice(session, now, f"notice-{place}") for place in range(2)]
    add_readers(session, notices[0], READERS, now)
    theirs = select(Subscriber.id, literal(notices[1].id), literal("active"), literal(now, UtcDateTime))
    names = ["subscriber_id", "notice_id", "state", "created_at"]
    session.execute(insert(Subscription).from_select(names, theirs))
    campaign = make_campaign(session, make_tip(session, notices[0], 24, now), notices, now)
    launch_due(session, now)
    plan = _explained_while_planning(session, campaign.id, now, "SELECT max(anon_1.subscriber_id)")
    read = [node["Actual Rows"] * node["Actual Loops"] for node in plan if "Index Name" in node]
    assert sum(read) == 2 * SLICE


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_delivery_of_a_slice_is_held_against_all_editions_and_hours(
    session: Session, now: datetime
) -> None:
    """Else a slice takes as long as there are editions times hours, each of them times its readers."""
    make_organisation(session)
    notice = make_notice(session, now)
    make_reader(session, 1, [notice], now)
    campaign = make_campaign(session, make_tip(session, notice, 24, now), [notice], now)
    launch_due(session, now)
    told: list[str] = []

    def explain(_connection: Connection, cursor: Any, sql: str, given: Any, *_rest: object) -> None:
        if sql.startswith("INSERT INTO deliveries"):
            told.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", given))

    event.listen(session.connection(), "before_cursor_execute", explain)
    assert plan_slice(session, campaign.id, SLICE, now)
    assert [step for step in told if step.startswith("SCAN")] == ["SCAN planning_situations"]
    assert len([step for step in told if step.startswith("SEARCH")]) == 2


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("part", ["INSERT INTO planning_situations", "UPDATE subscriptions SET cursor"])
def test_who_chose_a_rare_weekday_is_not_sought_among_all_between_them(
    session: Session, now: datetime, part: str
) -> None:
    """A slice of them reaches from the first of all readers to the last, and holds few of those."""
    make_organisation(session)
    notice = make_notice(session, now)
    add_readers(session, notice, 10 * READERS, now)
    session.execute(update(Subscription).values(cadence="weekly"))
    session.execute(update(Subscriber).where(Subscriber.id % (10 * SLICE) == 0).values(weekday=3))
    send_into(session, make_tip(session, notice, 24, now), [notice.id], now)
    schedule_digests(session, now)
    at = begins_at(date(2026, 3, 5))
    [campaign_id] = launch_due(session, at)
    plan = _explained_while_planning(session, campaign_id, at, part)
    passed = [node.get("Rows Removed by Filter", 0) for node in plan if "Relation Name" in node]
    assert any(node.get("Relation Name") == "subscriptions" for node in plan)
    assert sum(passed) <= SLICE


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_the_subscriptions_of_a_slice_are_read_in_one_go(session: Session, now: datetime) -> None:
    """Not by their key for each reader, as a join with a table of which nothing is known may be done."""
    campaign_id = _launched(session, now)
    plan = _explained_while_planning(session, campaign_id, now, "UPDATE subscriptions SET cursor")
    assert {node.get("Relation Name") for node in plan} >= {"subscriptions", "planning_readers"}
    assert not [node for node in plan if "Join" in node["Node Type"] or "Loop" in node["Node Type"]]


def _launched(session: Session, now: datetime) -> int:
    """Launch a tip that all readers get as it comes, and return its campaign's id."""
    make_organisation(session)
    notice = make_notice(session, now)
    add_readers(session, notice, READERS, now)
    campaign = make_campaign(session, make_tip(session, notice, 24, now), [notice], now)
    launch_due(session, now)
    return campaign.id


def _compared(session: Session, campaign_id: int, now: datetime) -> int:
    """Return how many rows the deliveries of a slice were held against in vain; nothing is kept of them."""
    plan = _explained_while_planning(session, campaign_id, now, "INSERT INTO deliveries")
    assert any(node["Node Type"] == "ModifyTable" for node in plan)
    read = [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"]
    # Whatever the statement has written so far would be read again for every reader.
    assert not [name for name in read if name.startswith("deliveries")]
    return sum(node.get("Rows Removed by Join Filter", 0) * node["Actual Loops"] for node in plan)


def _explained_while_planning(
    session: Session, campaign_id: int, now: datetime, part: str
) -> list[dict[str, Any]]:
    """Plan a slice, and return the steps of its statement with this part; nothing is kept of it."""
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
    plan: list[dict[str, Any]] = []

    def explain(connection: Connection, _cursor: object, sql: str, given: Any, *_rest: object) -> None:
        # While the slice is held: its tables are empty before and afterwards.
        if part in sql:
            plan.extend(_explained(connection, sql, given))

    event.listen(session.connection(), "before_cursor_execute", explain)
    assert plan_slice(session, campaign_id, SLICE, now)
    session.rollback()
    return plan


def _explained(connection: Connection, sql: str, given: Any) -> list[dict[str, Any]]:
    """Return the steps that were taken, each with what it did; nothing stays changed."""
    cursor = connection.connection.cursor()
    cursor.execute("SAVEPOINT explained")
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", given)
    (told,) = cursor.fetchone() or ("[]",)
    cursor.execute("ROLLBACK TO SAVEPOINT explained")
    root = told if isinstance(told, list) else json.loads(told)
    return list(_steps(root[0]["Plan"]))


def _steps(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _steps(below)
