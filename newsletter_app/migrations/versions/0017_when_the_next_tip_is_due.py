"""When the next tip is due stands with an edition, so that every reader is told their own hour.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("editions", sa.Column("next_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("editions", "next_at")
