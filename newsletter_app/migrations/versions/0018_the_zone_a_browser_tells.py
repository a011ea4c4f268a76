"""The time zone that a browser tells with the sign-up form, to be proposed to its reader.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signups", sa.Column("time_zone", sa.String(64), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("signups", "time_zone")
