"""What the DNS was last found to say of the sender, and who launched in spite of it.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authentication_checks",
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="", nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_authentication_checks")),
    )
    op.add_column(
        "campaigns",
        sa.Column("authentication_waived_by", sa.String(length=320), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("campaigns", "authentication_waived_by")
    op.drop_table("authentication_checks")
