"""Rows of deliveries are claimed and recorded in place; shards remember what a walk through them found.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OLD = {
    "ix_deliveries_claimed": (["claim_sender"], "state = 'claimed'"),
    "ix_deliveries_deferred": (["campaign_id", "due_at"], "state = 'deferred'"),
    "ix_deliveries_edition": (["edition_id"], None),
    "ix_deliveries_queued": (["campaign_id", "shard", "subscriber_id"], "state = 'queued'"),
}
NEW = {
    "ix_deliveries_put_off": (["campaign_id", "shard", "due_at"], "deferrals > 0"),
    "ix_deliveries_walk": (["campaign_id", "shard", "subscriber_id"], None),
}


def upgrade() -> None:
    for table in ("deliveries", "service_mails"):
        op.add_column(table, sa.Column("deferrals", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE deliveries SET deferrals = 1 WHERE state = 'deferred'")
    for name in OLD:
        op.drop_index(name, table_name="deliveries")
    _make(NEW)
    op.add_column("shard_leases", sa.Column("looked_at", UtcDateTime(), nullable=True))
    op.add_column("shard_leases", sa.Column("next_at", UtcDateTime(), nullable=True))
    op.create_table(
        "delivery_counts",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_delivery_counts_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "state", "reason", name=op.f("pk_delivery_counts")),
    )
    # Campaigns under way are looked through whole, shard by shard; those that ended are counted.
    op.execute("DELETE FROM shard_leases")
    op.execute(
        "INSERT INTO shard_leases (campaign_id, shard, sender_id, until_at)"
        " SELECT DISTINCT d.campaign_id, d.shard, 0, c.created_at"
        " FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id"
        " WHERE d.state IN ('queued', 'claimed', 'deferred')"
    )
    op.execute(
        "INSERT INTO delivery_counts (campaign_id, state, reason, readers)"
        " SELECT d.campaign_id, d.state, coalesce(d.reason, ''), count(*)"
        " FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id"
        " WHERE c.state IN ('finished', 'cancelled')"
        " GROUP BY d.campaign_id, d.state, coalesce(d.reason, '')"
    )


def downgrade() -> None:
    op.drop_table("delivery_counts")
    op.drop_column("shard_leases", "next_at")
    op.drop_column("shard_leases", "looked_at")
    for name in NEW:
        op.drop_index(name, table_name="deliveries")
    _make(OLD)
    for table in ("service_mails", "deliveries"):
        op.drop_column(table, "deferrals")


def _make(indexes: dict[str, tuple[list[str], str | None]]) -> None:
    for name, (columns, condition) in indexes.items():
        where = sa.text(condition) if condition else None
        op.create_index(name, "deliveries", columns, sqlite_where=where, postgresql_where=where)
