"""The DKIM selectors an edition was first compiled with, which sign every retry of its mails.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Editions under way were begun unsigned, and stay so.
    op.add_column(
        "editions", sa.Column("signed_by", sa.String(length=130), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("editions", "signed_by")
