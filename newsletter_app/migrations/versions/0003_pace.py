"""The pace: limits by second and warm-ups by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pace_limits",
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=261), nullable=False),
        # Thousandths of a message a second.
        sa.Column("per_second", sa.Integer(), nullable=False),
        sa.CheckConstraint("scope IN ('overall', 'server', 'domain')", name=op.f("ck_pace_limits_scope_known")),
        sa.CheckConstraint("per_second > 0", name=op.f("ck_pace_limits_rate_positive")),
        sa.PrimaryKeyConstraint("scope", "name", name=op.f("pk_pace_limits")),
    )
    op.create_table(
        "warm_ups",
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=261), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        # Thousandths.
        sa.Column("growth", sa.Integer(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=False),
        sa.CheckConstraint("scope IN ('overall', 'server')", name=op.f("ck_warm_ups_scope_known")),
        sa.CheckConstraint(
            "messages > 0 AND ceiling >= messages AND growth >= 1000", name=op.f("ck_warm_ups_grows")
        ),
        sa.PrimaryKeyConstraint("scope", "name", name=op.f("pk_warm_ups")),
    )


def downgrade() -> None:
    op.drop_table("warm_ups")
    op.drop_table("pace_limits")
