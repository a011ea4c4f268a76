"""Deliveries as facts: one message × one subscriber, and who is working on which shard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.ledger import LedgerColumns

SHARDS = 16


class Delivery(LedgerColumns, Base):
    """One message to one reader; partitioned by campaign on PostgreSQL, so no key points at it."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_subscriber", "subscriber_id"),
        Index("ix_deliveries_edition", "edition_id"),
        Index(
            "ix_deliveries_queued",
            "campaign_id",
            "shard",
            "subscriber_id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_deliveries_deferred",
            "campaign_id",
            "due_at",
            sqlite_where=text("state = 'deferred'"),
            postgresql_where=text("state = 'deferred'"),
        ),
        Index(
            "ix_deliveries_claimed",
            "claim_sender",
            sqlite_where=text("state = 'claimed'"),
            postgresql_where=text("state = 'claimed'"),
        ),
        {"postgresql_partition_by": "RANGE (campaign_id)"},
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shard: Mapped[int]
    edition_id: Mapped[int]
    domain: Mapped[str] = mapped_column(String(255))
    feedback: Mapped[str] = mapped_column(String(10), default="none", server_default="none")


class ShardLease(Base):
    """The sender that works on a shard until ``until_at``; one live runner per shard."""

    __tablename__ = "shard_leases"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[int]
    until_at: Mapped[datetime]
