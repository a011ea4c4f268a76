"""A reader's own weekday, the day of a weekly or monthly mail, and what came out during a pause.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OF_FEW = ("weekday", "paused_until")


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("weekday", sa.Integer(), nullable=True))
    for name in OF_FEW:
        told = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_subscribers_{name}", "subscribers", [name], sqlite_where=told, postgresql_where=told
        )
    op.add_column("campaigns", sa.Column("day", sa.Date(), nullable=True))
    op.add_column("organisation", sa.Column("whole_tips", sa.Integer(), server_default="3", nullable=False))
    op.create_table(
        "missed",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_missed_publication_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_missed_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "publication_id", name=op.f("pk_missed")),
    )


def downgrade() -> None:
    op.drop_table("missed")
    op.drop_column("organisation", "whole_tips")
    op.drop_column("campaigns", "day")
    for name in reversed(OF_FEW):
        op.drop_index(f"ix_subscribers_{name}", table_name="subscribers")
    op.drop_column("subscribers", "weekday")
