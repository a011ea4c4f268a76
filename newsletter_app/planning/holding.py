"""The readers of a slice, held until it is planned, in tables that last no longer than that.

Every later statement is of these rows and no others. They are found once: asking for them in each statement
took most of planning's time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    delete,
    exists,
    false,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from newsletter_app.campaigns import SERIES
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.planning.pivot import (
    FACTS,
    OF_SUBSCRIPTION,
    Held,
    Pivoted,
    Slice,
    pivot,
    read_by_readers,
    reading,
)
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Series, Subscription

# Each connection has its own; on PostgreSQL they are empty again after every commit.
_TEMPORARY: Final[dict[str, Any]] = {"prefixes": ["TEMPORARY"], "postgresql_on_commit": "DELETE ROWS"}
_TABLES: Final = MetaData()


def _facts() -> list[Column[Any]]:
    """Return the columns of what a delivery takes of its reader."""
    needed = [Column(name, String, nullable=False) for name in ("language", "layout", "domain")]
    return [*needed, Column("time_zone", String), Column("hour", Integer)]


READERS: Final = Table(
    "planning_readers",
    _TABLES,
    Column("subscriber_id", Integer, primary_key=True, autoincrement=False),
    Column("weekday", Integer),
    *_facts(),
    **_TEMPORARY,
)
HELD: Final = Table(
    "planning_held",
    _TABLES,
    Column("subscription_id", Integer, nullable=False),
    Column("subscriber_id", Integer, nullable=False),
    Column("notice_id", Integer, nullable=False),
    Column("cursor", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("confirmed_at", UtcDateTime),
    # SQLite groups by it without sorting; PostgreSQL hashes, and would only write the index.
    PrimaryKeyConstraint("subscriber_id", "notice_id").ddl_if(dialect="sqlite"),
    sqlite_with_rowid=False,
    **_TEMPORARY,
)
# What comes back while the slice is planned is not among it, and is neither mailed nor used up.
OWED: Final = Table(
    "planning_owed",
    _TABLES,
    Column("subscription_id", Integer, primary_key=True, autoincrement=False),
    Column("publication_id", Integer, primary_key=True, autoincrement=False),
    Column("in_series", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    **_TEMPORARY,
)
# The pivot, found once for the editions and the deliveries; the values of its columns are one text.
SITUATIONS: Final = Table(
    "planning_situations",
    _TABLES,
    Column("subscriber_id", Integer, nullable=False),
    *_facts(),
    Column("numbers", String, nullable=False),
    **_TEMPORARY,
)


def hold(session: Session, part: Slice) -> Slice:
    """Hold the slice's readers, find their subscriptions, and return the slice of just these.

    Another campaign's planner, or a person's stop or another rhythm, comes before or after: whoever joined
    between two statements would have their cursor moved without a mail. Whoever changes a subscription
    or its series holds its reader first (``subscriptions.of_subscriber``), so that holding readers is enough.
    The subscriptions are found by a second statement, which sees what was committed while the first waited
    for its rows, and takes nothing of a reader whom the first did not hold. Readers are held in the order
    of their ids, so that two planners never wait for each other. SQLite has one writer anyway.
    """
    for table in (READERS, HELD, OWED, SITUATIONS):
        session.execute(CreateTable(table, if_not_exists=True))
        session.execute(delete(table))
    people = _people(part).order_by(Subscriber.id).with_for_update(of=Subscriber, key_share=True)
    session.execute(insert(READERS).from_select([each.name for each in READERS.columns], people))
    theirs = _subscriptions(part)
    session.execute(insert(HELD).from_select([each.name for each in HELD.columns], theirs))
    if part.cadence != SERIES:
        session.execute(insert(OWED).from_select([each.name for each in OWED.columns], _owed()))
    return replace(part, held=Held(HELD, READERS, OWED))


def hold_situations(session: Session, part: Slice, columns: Pivoted) -> None:
    """Keep the pivot of a slice that is held."""
    found = pivot(part, columns).subquery("pivot")
    first, *others = (found.c[label].cast(String) for label in columns.labels())
    numbers: ColumnElement[str] = first
    for other in others:
        numbers = numbers.concat(literal(",")).concat(other)
    rows = select(found.c.subscriber_id, *[found.c[name] for name in FACTS], numbers)
    session.execute(insert(SITUATIONS).from_select([each.name for each in SITUATIONS.columns], rows))


def numbers_of(text: str) -> tuple[int, ...]:
    """Return the values of the pivot's columns that a row of SITUATIONS keeps as ``text``."""
    return tuple(map(int, text.split(",")))


def _owed() -> Select[int, int, bool, datetime]:
    """Select what is owed to the subscriptions held; what is ahead in a series that runs comes by the series.

    What came back to a series while it ended, or was stopped, comes by the stream: a claim, which holds
    nobody, saw it run.
    """
    runs = exists().where(Series.subscription_id == Owed.subscription_id, Series.finished_at.is_(None))
    return (
        select(Owed.subscription_id, Owed.publication_id, false(), Owed.created_at)
        .join(HELD, HELD.c.subscription_id == Owed.subscription_id)
        .where(or_(~Owed.in_series, ~runs))
    )


def _people(part: Slice) -> Select[Any]:
    """Select the slice's readers: not paused, and with a subscription that is to be planned."""
    reads = (
        select(Subscription.id)
        .where(Subscription.subscriber_id == Subscriber.id, *reading(part, Subscriber.weekday))
        .where(Subscription.subscriber_id > part.after, Subscription.subscriber_id <= part.up_to)
        .correlate(Subscriber)
    )
    facts: list[Any] = [Subscriber.id, Subscriber.weekday, *[getattr(Subscriber, name) for name in FACTS]]
    # A pause that is over is ended first: what came out meanwhile is offered, not mailed.
    return select(*facts).where(
        Subscriber.id > part.after,
        Subscriber.id <= part.up_to,
        Subscriber.paused_until.is_(None),
        reads.exists(),
    )


def _subscriptions(part: Slice) -> Select[Any]:
    """Select what the readers who are held read of the campaign's notices."""
    return (
        select(*[getattr(Subscription, name).label(label) for label, name in OF_SUBSCRIPTION.items()])
        .join(READERS, READERS.c.subscriber_id == Subscription.subscriber_id)
        .where(Subscription.subscriber_id > part.after, Subscription.subscriber_id <= part.up_to)
        .where(*read_by_readers(part, READERS.c.weekday))
    )
