"""Strangers' mail counted by the day, and an index of the mails that are kept yet.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEPT = sa.text("length(raw) > 0")


def upgrade() -> None:
    op.create_table(
        "feedback_strangers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("turned_away", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "domain", name=op.f("pk_feedback_strangers")),
    )
    op.create_index(
        "ix_feedback_events_kept",
        "feedback_events",
        ["received_at"],
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )


def downgrade() -> None:
    op.drop_index("ix_feedback_events_kept", table_name="feedback_events")
    op.drop_table("feedback_strangers")
