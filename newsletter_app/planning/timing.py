"""When each reader of a slice is due: computed in Python once per zone and hour, and joined as a table.

SQLite knows no time zones, and PostgreSQL's may be of another year than Python's.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    String,
    and_,
    cast,
    column,
    func,
    select,
    values,
)
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, Slot, Wish, due_from, due_on, stored_wish
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.planning.holding import SITUATIONS
from newsletter_app.planning.pivot import Slice

# What stands in the table for a wish that a reader left open.
NO_ZONE, NO_HOUR = "", -1


def due_times(session: Session, part: Slice, campaign: Campaign) -> CTE:
    """Return a table of zone, hour and due_at, a row for each pair that occurs among the readers held."""
    theirs = SITUATIONS
    pairs = select(theirs.c.time_zone, theirs.c.hour).distinct()
    rows = [
        (
            zone or NO_ZONE,
            NO_HOUR if hour is None else hour,
            due_at(campaign, part.slot, stored_wish(zone, hour)),
        )
        for zone, hour in session.execute(pairs)
    ]
    columns = (column("zone", String), column("hour", Integer), column("due_at", UtcDateTime))
    return values(*columns, name="times").data(rows).cte("due_times")


def is_wish(readers: FromClause, times: CTE) -> ColumnElement[bool]:
    """Join a reader's zone and hour to the table of due times."""
    return and_(
        func.coalesce(readers.c.time_zone, NO_ZONE) == cast(times.c.zone, String),
        func.coalesce(readers.c.hour, NO_HOUR) == cast(times.c.hour, Integer),
    )


def due_at(campaign: Campaign, slot: Slot, wish: Wish) -> datetime:
    """Return when a reader with this wish gets the campaign's mail."""
    if campaign.day is None:
        return due_from(campaign.due_at, slot, wish)
    return due_on(campaign.day, slot, wish)
