"""What is written of a tip before it is on the web: revisions, and the steps to its approval.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tips", sa.Column("stage", sa.String(10), server_default="draft", nullable=False))
    op.execute("UPDATE tips SET stage = 'approved' WHERE state = 'published'")
    op.execute(
        "UPDATE tips SET stage = 'approved' WHERE id IN (SELECT tip_id FROM campaigns WHERE tip_id IS NOT NULL)"
    )
    op.create_table(
        "tip_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=5), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.Column("is_aside", sa.Boolean(), nullable=False),
        sa.Column("saved_by", sa.String(length=320), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_revisions_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_revisions")),
    )
    op.create_index(op.f("ix_tip_revisions_tip_id"), "tip_revisions", ["tip_id"])
    op.create_table(
        "tip_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=320), nullable=False),
        sa.Column("comment", sa.String(length=1000), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_steps_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_steps")),
    )
    op.create_index(op.f("ix_tip_steps_tip_id"), "tip_steps", ["tip_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_tip_steps_tip_id"), table_name="tip_steps")
    op.drop_table("tip_steps")
    op.drop_index(op.f("ix_tip_revisions_tip_id"), table_name="tip_revisions")
    op.drop_table("tip_revisions")
    op.drop_column("tips", "stage")
