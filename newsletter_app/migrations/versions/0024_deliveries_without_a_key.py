"""No foreign key from a delivery to its campaign: it was asked for each of a million readers.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEY = "fk_deliveries_campaign_id"


def upgrade() -> None:
    """Drop the key. SQLite copies the table for it, once."""
    with op.batch_alter_table("deliveries") as table:
        table.drop_constraint(KEY, type_="foreignkey")


def downgrade() -> None:
    """Ask again."""
    with op.batch_alter_table("deliveries") as table:
        table.create_foreign_key(KEY, "campaigns", ["campaign_id"], ["id"])
