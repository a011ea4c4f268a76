"""Figures of days and campaigns, what staff were told of by mail, and what of it they switched off.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_consent_records_at", "consent_records", ["at"])
    op.create_table(
        "daily_figures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "notice_id", name=op.f("pk_daily_figures")),
    )
    op.create_table(
        "campaign_figures",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_figures_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "notice_id", name=op.f("pk_campaign_figures")),
    )
    op.create_table(
        "staff_tellings",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_tellings_staff_id")),
        sa.PrimaryKeyConstraint("kind", "about", "staff_id", name=op.f("pk_staff_tellings")),
    )
    op.create_table(
        "staff_silences",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_silences_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "kind", name=op.f("pk_staff_silences")),
    )
    op.create_table(
        "stoppages",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stoppages")),
    )


def downgrade() -> None:
    op.drop_table("stoppages")
    op.drop_table("staff_silences")
    op.drop_table("staff_tellings")
    op.drop_table("campaign_figures")
    op.drop_table("daily_figures")
    op.drop_index("ix_consent_records_at", table_name="consent_records")
