"""What somebody has waived before a mail left.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("waived_by", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("waived_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_waivers_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
        sa.UniqueConstraint("tip_id", "code", "place", name=op.f("uq_waivers_tip_id_code_place")),
    )


def downgrade() -> None:
    op.drop_table("waivers")
