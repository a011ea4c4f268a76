"""Reserving: what a slice planned, or looked at in vain, is not planned again; it decides nothing else."""

from __future__ import annotations

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from newsletter_app.planning.pivot import Columns, Slice, audience
from newsletter_app.subscriptions import Owed, Subscription

UNSYNCED = {"synchronize_session": False}


def reserve(session: Session, part: Slice, columns: Columns) -> None:
    """Move the slice's cursors to the heads and use up what was owed, whether or not anything was unseen."""
    theirs = audience(part)
    heads = {stream.notice_id: stream.head for stream in columns.streams}
    ids = select(theirs.c.subscription_id)
    session.execute(delete(Owed).where(Owed.subscription_id.in_(ids)), execution_options=UNSYNCED)
    behind = ids.where(theirs.c.cursor < case(heads, value=theirs.c.notice_id))
    session.execute(
        update(Subscription)
        .where(Subscription.id.in_(behind))
        .values(cursor=case(heads, value=Subscription.notice_id)),
        execution_options=UNSYNCED,
    )
