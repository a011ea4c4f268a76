"""Series: reading a numbered notice from tip 1 at one's own pace.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_flag("notices", "offers_series", sa.false())
    _add_flag("subscriptions", "live", sa.true())
    _add_flag("owed", "in_series", sa.false())
    op.add_column("editions", sa.Column("pace", sa.String(8), server_default="", nullable=False))
    op.create_table(
        "series",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("pace", sa.String(8), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("pace IN ('daily', 'twice', 'weekly')", name=op.f("ck_series_pace_known")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_series_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_series")),
    )
    running = sa.text("finished_at IS NULL")
    op.create_index(
        "ix_series_running", "series", ["pace", "subscription_id"],
        sqlite_where=running, postgresql_where=running,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_series_running", table_name="series")
    op.drop_table("series")
    op.drop_column("editions", "pace")
    op.drop_column("owed", "in_series")
    op.drop_column("subscriptions", "live")
    op.drop_column("notices", "offers_series")


def _add_flag(table: str, name: str, default: sa.sql.elements.ColumnElement[bool]) -> None:
    op.add_column(table, sa.Column(name, sa.Boolean(), server_default=default, nullable=False))
