"""When each reader of a slice is due: computed in Python once per zone and hour, and joined as a table.

SQLite knows no time zones, and PostgreSQL's may be of another year than Python's.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, and_, func, insert, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, Slot, Wish, due_from, due_on, stored_wish
from newsletter_app.planning.holding import SITUATIONS, TIMES
from newsletter_app.planning.pivot import Slice

# What stands in the table for a wish that a reader left open.
NO_ZONE, NO_HOUR = "", -1


def hold_times(session: Session, part: Slice, campaign: Campaign) -> None:
    """Keep when each pair of zone and hour that occurs among the readers held is due."""
    theirs = SITUATIONS
    pairs = session.execute(select(theirs.c.time_zone, theirs.c.hour).distinct()).all()
    rows = [
        {
            "zone": zone or NO_ZONE,
            "hour": NO_HOUR if hour is None else hour,
            "due_at": due_at(campaign, part.slot, stored_wish(zone, hour)),
        }
        for zone, hour in pairs
    ]
    session.execute(insert(TIMES), rows)


def is_wish(readers: FromClause) -> ColumnElement[bool]:
    """Join a reader's zone and hour to the table of due times."""
    return and_(
        TIMES.c.zone == func.coalesce(readers.c.time_zone, NO_ZONE),
        TIMES.c.hour == func.coalesce(readers.c.hour, NO_HOUR),
    )


def due_at(campaign: Campaign, slot: Slot, wish: Wish) -> datetime:
    """Return when a reader with this wish gets the campaign's mail."""
    if campaign.day is None:
        return due_from(campaign.due_at, slot, wish)
    return due_on(campaign.day, slot, wish)
