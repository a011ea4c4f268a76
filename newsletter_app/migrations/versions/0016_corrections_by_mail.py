"""Who is still to be told of a correction, what each edition showed of a tip, and which notes it holds.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# What was sent before this was written down: a revision lower than any, in the edition's language.
KNOWN_TO_BE_SENT = """
UPDATE edition_items SET revision = 0,
  side = (SELECT editions.language FROM editions WHERE editions.id = edition_items.edition_id)
WHERE edition_id IN (
  SELECT editions.id FROM editions JOIN campaigns ON campaigns.id = editions.campaign_id
  WHERE editions.compiled IS NOT NULL OR campaigns.state IN ('finished', 'cancelled'))
"""


def upgrade() -> None:
    op.add_column("tip_corrections", sa.Column("corrected_by", sa.String(320), server_default="", nullable=False))
    op.add_column(
        "tip_corrections", sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for name in ("revision_en", "revision_fr"):
        op.add_column("tip_corrections", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("tip_corrections", sa.Column("gathered_to", sa.Integer(), server_default="0", nullable=False))
    op.add_column("tip_corrections", sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("edition_items", sa.Column("side", sa.String(2), nullable=True))
    op.add_column("edition_items", sa.Column("revision", sa.Integer(), nullable=True))
    op.add_column(
        "edition_items", sa.Column("by_note", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(KNOWN_TO_BE_SENT)
    op.create_table(
        "edition_notes",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["tip_corrections.id"], name=op.f("fk_edition_notes_correction_id")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_notes_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition_id", "correction_id", name=op.f("pk_edition_notes")),
    )
    op.create_index(op.f("ix_edition_notes_correction_id"), "edition_notes", ["correction_id"])
    op.create_table(
        "untold",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["tip_corrections.id"], name=op.f("fk_untold_correction_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_untold_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "correction_id", name=op.f("pk_untold")),
    )
    op.create_index("ix_untold_walk", "untold", ["correction_id", "subscriber_id"])


def downgrade() -> None:
    op.drop_table("untold")
    op.drop_table("edition_notes")
    for name in ("by_note", "revision", "side"):
        op.drop_column("edition_items", name)
    for name in ("gathered_at", "gathered_to", "revision_fr", "revision_en", "urgent", "corrected_by"):
        op.drop_column("tip_corrections", name)
