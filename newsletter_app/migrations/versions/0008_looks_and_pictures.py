"""The organisation's colours and logo, until when a picture may be shown, and its smaller sizes.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLOURS = ("main_colour", "main_colour_dark", "accent_colour")


def upgrade() -> None:
    for name in COLOURS:
        op.add_column("organisation", sa.Column(name, sa.String(length=7), server_default="", nullable=False))
    # No foreign key: SQLite could add one only by making the table anew.
    op.add_column("organisation", sa.Column("logo", sa.String(length=60), server_default="", nullable=False))
    op.add_column("tips", sa.Column("image_rights_until", sa.Date(), nullable=True))
    op.add_column("images", sa.Column("widths", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("images", "widths")
    op.drop_column("tips", "image_rights_until")
    op.drop_column("organisation", "logo")
    for name in reversed(COLOURS):
        op.drop_column("organisation", name)
