"""Deliveries as facts: one message × one subscriber, and who is working on which shard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.ledger import LedgerColumns

SHARDS = 16


class Delivery(LedgerColumns, Base):
    """One message to one reader; partitioned by campaign on PostgreSQL, so no key points at it."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_subscriber", "subscriber_id"),
        # No index names a column that an accepted row's claim and record change, in its predicate neither:
        # on PostgreSQL both then rewrite the row in place (heap-only tuples) and touch no index at all.
        Index("ix_deliveries_walk", "campaign_id", "shard", "subscriber_id"),
        Index(
            "ix_deliveries_put_off",
            "campaign_id",
            "shard",
            "due_at",
            sqlite_where=text("deferrals > 0"),
            postgresql_where=text("deferrals > 0"),
        ),
        {"postgresql_partition_by": "RANGE (campaign_id)"},
    )

    # No foreign key: PostgreSQL would look the campaign up for every reader, and who plans holds it anyway.
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subscriber_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shard: Mapped[int]
    edition_id: Mapped[int]
    domain: Mapped[str] = mapped_column(String(255))
    feedback: Mapped[str] = mapped_column(String(10), default="none", server_default="none")


def one_of(ids: Iterable[tuple[int, ...]]) -> ColumnElement[bool]:
    """Whether a delivery is one of these, each (campaign, reader); there is at least one.

    Campaign by campaign: for a list of pairs SQLite reads the whole table, as its EXPLAIN QUERY PLAN tells.
    """
    by_campaign = groupby(sorted(ids), key=lambda pair: pair[0])
    return or_(*(_of(campaign, [reader for _, reader in pairs]) for campaign, pairs in by_campaign))


def _of(campaign: int, readers: list[int]) -> ColumnElement[bool]:
    return and_(Delivery.campaign_id == campaign, Delivery.subscriber_id.in_(readers))


class ShardLease(Base):
    """A shard of a running campaign: who works on it until when, and what the last full walk found.

    ``looked_at`` is None until a runner has walked the whole shard and found nothing due; ``next_at`` is then
    the time of its next deferred row, None when none waits.
    """

    __tablename__ = "shard_leases"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[int]
    until_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]


class DeliveryCount(Base):
    """How many deliveries of a finished campaign ended in a state and for a reason; outlives the rows."""

    __tablename__ = "delivery_counts"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40), primary_key=True)
    readers: Mapped[int]
