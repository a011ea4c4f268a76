"""The readers of a slice, held until it is planned, and what is found of them, in tables that last as long.

Every later statement is of these readers and no others. They are found once, and so are their situations:
asking for them in each statement took most of planning's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from newsletter_app.campaigns import SERIES
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.planning.owing import owed
from newsletter_app.planning.pivot import (
    FACTS,
    Flagged,
    Grouped,
    Held,
    Slice,
    between,
    grouped,
    heads_of,
    is_dense,
    read_by_readers,
    reading,
    subscriptions_between,
    values_of,
)
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription

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
# Of a series alone, whose rules ask much of each subscription. A stream's are read where they lie: to write
# them here takes four times as long as to read them.
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
    Column("subscriber_id", Integer, nullable=False),
    Column("counts", Boolean, nullable=False),
    **_TEMPORARY,
)
# The pivot, found once for the editions and the deliveries: the values of the columns that are grouped are
# one text, and so are the flags, which are empty where none is set.
SITUATIONS: Final = Table(
    "planning_situations",
    _TABLES,
    Column("subscriber_id", Integer, autoincrement=False, nullable=False),
    *_facts(),
    Column("numbers", String, nullable=False),
    Column("flags", String, nullable=False),
    PrimaryKeyConstraint("subscriber_id").ddl_if(dialect="sqlite"),
    **_TEMPORARY,
)
# What the situations lead to. A row of a slice finds both by their keys: held against each row of a list,
# SQLite took as long as there are editions times hours. PostgreSQL hashes, and no index of it holds a text of
# more than 2,700 octets: some thousand flags.
ASSIGNED: Final = Table(
    "planning_assigned",
    _TABLES,
    *[Column(name, String, nullable=False) for name in ("numbers", "flags", "language", "layout")],
    Column("edition_id", Integer, nullable=False),
    PrimaryKeyConstraint("numbers", "flags", "language", "layout").ddl_if(dialect="sqlite"),
    **_TEMPORARY,
)
TIMES: Final = Table(
    "planning_times",
    _TABLES,
    Column("zone", String, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("due_at", UtcDateTime, nullable=False),
    **_TEMPORARY,
)


def hold(session: Session, part: Slice) -> Slice:
    """Hold the slice's readers, find what is owed to them, and return the slice of just these.

    Another campaign's planner, or a person's stop or another rhythm, comes before or after: whoever joined
    between two statements would have their cursor moved without a mail. Whoever changes a subscription
    or its series holds its reader first (``subscriptions.of_subscriber``), so that holding readers is enough.
    The subscriptions are found by later statements, which see what was committed while the first waited for
    its rows, and take nothing of a reader whom the first did not hold. Readers are held in the order of their
    ids, so that two planners never wait for each other. SQLite has one writer anyway.
    """
    for table in _TABLES.sorted_tables:
        session.execute(CreateTable(table, if_not_exists=True))
        session.execute(delete(table))
    people = _people(part).order_by(Subscriber.id).with_for_update(of=Subscriber, key_share=True)
    session.execute(insert(READERS).from_select([each.name for each in READERS.columns], people))
    theirs = _subscriptions(part)
    if part.cadence == SERIES:
        session.execute(insert(HELD).from_select([each.name for each in HELD.columns], theirs))
        return replace(part, held=Held(HELD, READERS, OWED, {}))
    heads = heads_of(session, part)
    part = replace(part, held=Held(theirs.subquery("audience"), READERS, OWED, heads))
    found = owed(part, heads)
    session.execute(insert(OWED).from_select([each.name for each in OWED.columns], found))
    return part


def hold_situations(session: Session, part: Slice, columns: Grouped) -> None:
    """Keep, of each reader of a slice that is held, what a delivery takes of them and what is grouped."""
    found, people = grouped(part, columns), READERS
    facts = [people.c[name] for name in FACTS]
    rows = select(people.c.subscriber_id, *facts, _as_text(values_of(found)), literal(""))
    theirs = rows.join_from(people, found, people.c.subscriber_id == found.c.subscriber_id)
    session.execute(insert(SITUATIONS).from_select([each.name for each in SITUATIONS.columns], theirs))


def hold_flags(session: Session, columns: Flagged) -> None:
    """Keep the flags of the readers of whom one is set; mostly there are few of them."""
    if not (labels := list(columns.flags())):
        return
    asked = columns.flagged(select(READERS.c.subscriber_id).select_from(READERS), READERS).subquery("asked")
    flags = [asked.c[label] for label in labels]
    is_flagged = SITUATIONS.c.subscriber_id == asked.c.subscriber_id, or_(*[flag == 1 for flag in flags])
    session.execute(update(SITUATIONS).where(*is_flagged).values(flags=_as_text(flags)))


def numbers_of(text: str) -> tuple[int, ...]:
    """Return the values of columns that a row of SITUATIONS keeps as ``text``; none of an empty one."""
    return tuple(map(int, text.split(","))) if text else ()


def _as_text(columns: Sequence[ColumnElement[int]]) -> ColumnElement[str]:
    first, *others = (column.cast(String) for column in columns)
    text: ColumnElement[str] = first
    for other in others:
        text = text.concat(literal(",")).concat(other)
    return text


def _people(part: Slice) -> Select[Any]:
    """Select the slice's readers: not paused, and with a subscription that is to be planned."""
    reads = (
        select(Subscription.id)
        .where(Subscription.subscriber_id == Subscriber.id, *reading(part, Subscriber.weekday))
        .where(*between(part))
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
    found = subscriptions_between(part).where(*read_by_readers(part, READERS.c.weekday))
    if part.cadence == SERIES:
        return found.join(READERS, READERS.c.subscriber_id == Subscription.subscriber_id)
    return found.where(is_of_held(part))


def is_of_held(part: Slice) -> ColumnElement[bool]:
    """Whether a subscription's reader is held.

    ``IS true`` keeps PostgreSQL from joining. It knows nothing of a temporary table, expects few of the
    readers held in the slice's range, and would look for each reader's subscriptions by their key, which
    takes four times as long as to read the range. Where they are few indeed it is the other way about.
    """
    held = Subscription.subscriber_id.in_(select(READERS.c.subscriber_id))
    return held.is_(true()) if is_dense(part) else held
