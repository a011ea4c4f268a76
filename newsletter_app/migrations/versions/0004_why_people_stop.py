"""What people who stopped say of it, if they like to.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("end_why", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("subscriptions", "end_why")
