"""When the link of a reference was last tried and what was found; references are found by DOI and PMID.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("references", sa.Column("checked_at", UtcDateTime(), nullable=True))
    op.add_column("references", sa.Column("check_found", sa.String(length=30), nullable=True))
    op.create_index("ix_references_doi", "references", ["doi"])
    op.create_index("ix_references_pmid", "references", ["pmid"])


def downgrade() -> None:
    op.drop_index("ix_references_pmid", table_name="references")
    op.drop_index("ix_references_doi", table_name="references")
    op.drop_column("references", "check_found")
    op.drop_column("references", "checked_at")
