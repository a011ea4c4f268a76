"""Partitions of the deliveries on PostgreSQL: made before a campaign is planned, dropped when it is history.

A partition holds the rows of fifty campaigns. Its pages are filled to two thirds, so that the claim and the
record of a row are written beside it. SQLite has one table; there only the rows of old campaigns go.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Integer, column, delete, exists, func, select, table, text
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery.models import Delivery, DeliveryCount, ShardLease
from newsletter_app.subscriptions import Untold
from newsletter_app.tips import Correction

SPAN: Final = 50
FILLED: Final = 66
REST: Final = table("deliveries_rest", column("campaign_id", Integer))
_LOCK: Final = 0x0DE11EE5  # Any number nobody else uses: two planners must not make one partition twice.


def make_partition(session: Session, campaign_id: int) -> None:
    """Make the partition that ``campaign_id`` belongs into, unless it stands or its rows lie elsewhere.

    It is attached rather than created in its place, since that would lock the whole table against everybody
    (PostgreSQL, "Table Partitioning", 5.11.2.2).
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    first = campaign_id - campaign_id % SPAN
    name = f"deliveries_{first}"
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if session.scalar(select(func.to_regclass(name))) is not None or _holds_rows(session, first):
        return
    session.execute(
        text(f"CREATE TABLE {name} (LIKE deliveries INCLUDING DEFAULTS) WITH (fillfactor = {FILLED})")
    )
    session.execute(
        text(f"ALTER TABLE deliveries ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({first + SPAN})")
    )


def retire(session: Session, finished_before: datetime) -> list[int]:
    """Delete the deliveries of campaigns that ended before a moment; return their ids. Their counts stay.

    A partition goes at once when all of its campaigns have ended so long ago; else its rows are deleted.
    """
    ended = select(Campaign.id).where(
        Campaign.state.in_(("finished", "cancelled")),
        Campaign.finished_at < finished_before,
        ~exists().where(ShardLease.campaign_id == Campaign.id),
        exists().where(DeliveryCount.campaign_id == Campaign.id),
    )
    old = [id_ for id_ in session.scalars(ended.order_by(Campaign.id)) if _has_rows(session, id_)]
    for first in sorted({id_ - id_ % SPAN for id_ in old}):
        mine = [id_ for id_ in old if id_ - id_ % SPAN == first]
        if not _drop_partition(session, first, mine):
            session.execute(delete(Delivery).where(Delivery.campaign_id.in_(mine)))
    _forget_untold(session, finished_before)
    return old


def _forget_untold(session: Session, before: datetime) -> None:
    """Let go of who was to be told of corrections of that time: that they had the tip is known no more."""
    old = select(Correction.id).where(Correction.corrected_at < before)
    session.execute(delete(Untold).where(Untold.correction_id.in_(old)))


def _holds_rows(session: Session, first: int) -> bool:
    """Whether the default partition holds rows of this range, which then stay where they are."""
    theirs = exists().where(REST.c.campaign_id >= first, REST.c.campaign_id < first + SPAN)
    return bool(session.scalar(select(theirs)))


def _has_rows(session: Session, campaign_id: int) -> bool:
    return bool(session.scalar(select(exists().where(Delivery.campaign_id == campaign_id))))


def _drop_partition(session: Session, first: int, old: list[int]) -> bool:
    """Drop a partition if all that it holds is old, and no campaign can still come into it."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    name = f"deliveries_{first}"
    newest = session.scalar(select(func.max(Campaign.id))) or 0
    others = exists().where(
        Delivery.campaign_id >= first, Delivery.campaign_id < first + SPAN, Delivery.campaign_id.not_in(old)
    )
    stands = session.scalar(select(func.to_regclass(name))) is not None
    if not stands or newest < first + SPAN or session.scalar(select(others)):
        return False
    session.execute(text(f"DROP TABLE {name}"))
    return True
