"""What comes back: bounces, complaints and answers, each kept once.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("shape", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.String(length=12), nullable=True),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("domain", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("effect", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_events")),
        sa.UniqueConstraint("digest", name=op.f("uq_feedback_events_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_events_campaign", "feedback_events", ["campaign_id", "subscriber_id"])
    op.create_index("ix_feedback_events_domain", "feedback_events", ["domain", "received_at"])
    op.create_index("ix_feedback_events_state", "feedback_events", ["state", "id"])
    op.create_index(op.f("ix_feedback_events_subscriber_id"), "feedback_events", ["subscriber_id"])


def downgrade() -> None:
    op.drop_table("feedback_events")
