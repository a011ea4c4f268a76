"""The readers of a slice, held until it is planned, in a table that lasts no longer than that.

Every later statement is of these rows and no others. They are found once: asking for them in each statement
took most of planning's time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, delete, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from newsletter_app.campaigns import SERIES
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.planning.pivot import Slice, found_readers
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription

# Each connection has its own; on PostgreSQL it is empty again after every commit.
HELD: Final = Table(
    "planning_held",
    MetaData(),
    Column("subscriber_id", Integer, primary_key=True, autoincrement=False),
    Column("notice_id", Integer, primary_key=True, autoincrement=False),
    Column("subscription_id", Integer, nullable=False),
    Column("cursor", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("language", String, nullable=False),
    Column("layout", String, nullable=False),
    Column("domain", String, nullable=False),
    Column("time_zone", String),
    Column("hour", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
    sqlite_with_rowid=False,
)


def hold(session: Session, part: Slice) -> Slice:
    """Hold the slice's readers and subscriptions, and return the slice of just these.

    Another campaign's planner, or a person's stop or another rhythm, comes before or after: whoever joined
    between two statements would have their cursor moved without a mail. PostgreSQL looks at a row that it
    had to wait for once more, in all columns of both tables. They are held in the order of the readers, so
    that two planners never wait for each other. SQLite has one writer anyway.
    """
    session.execute(CreateTable(HELD, if_not_exists=True))
    session.execute(delete(HELD))
    found = found_readers(part).order_by(Subscriber.id, Subscription.id)
    held = found.with_for_update(of=[Subscriber, Subscription], key_share=True)
    session.execute(insert(HELD).from_select([column.name for column in found.selected_columns], held))
    if part.cadence == SERIES:
        # Whether a series runs stands in a row of its own, which is not locked: it is asked once more.
        still = select(found_readers(part).subquery().c.subscription_id)
        session.execute(delete(HELD).where(HELD.c.subscription_id.not_in(still)))
    return replace(part, held=HELD)
