"""Staff, their second factor and sessions, the first start; who acted from where; the log only grows.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=True),
        sa.Column("candidate", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("link_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signed_in_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("address_key", name=op.f("uq_staff_address_key")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_staff_id"), "recovery_codes", ["staff_id"])
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("fresh_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_sessions_digest")),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"])
    op.create_index("ix_staff_sessions_until", "staff_sessions", ["until"])
    op.create_table(
        "set_up",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("mail_tried_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_up")),
    )
    op.add_column(
        "audit_entries", sa.Column("origin", sa.String(length=45), server_default="", nullable=False)
    )
    op.add_column(
        "organisation",
        sa.Column("writer_may_approve", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    for statement in UP[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_column("organisation", "writer_may_approve")
    op.drop_column("audit_entries", "origin")
    for table in ("set_up", "staff_sessions", "recovery_codes", "staff"):
        op.drop_table(table)


# newsletter_app/audit/append_only.py says the same for new databases.
SQLITE_UP = (
    # An update may blot an address out of what was said (erasure), and nothing else.
    "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries"
    " WHEN NOT (NEW.id IS OLD.id AND NEW.at IS OLD.at AND NEW.actor IS OLD.actor AND NEW.action IS OLD.action"
    " AND NEW.origin IS OLD.origin AND instr(NEW.subject || NEW.details, '(address)') > 0)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
)
POSTGRESQL_UP = (
    "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN"
    " IF TG_OP = 'UPDATE' AND (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.origin)"
    " IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.origin)"
    " AND position('(address)' IN NEW.subject || NEW.details::text) > 0 THEN RETURN NEW; END IF;"
    " RAISE EXCEPTION 'the audit log only grows'; END $$",
    "CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE ON audit_entries"
    " FOR EACH ROW EXECUTE FUNCTION audit_only_grows()",
)
UP = {"sqlite": SQLITE_UP, "postgresql": POSTGRESQL_UP}
DOWN = {
    "sqlite": ("DROP TRIGGER audit_entries_no_update", "DROP TRIGGER audit_entries_no_delete"),
    "postgresql": (
        "DROP TRIGGER audit_entries_only_grow ON audit_entries",
        "DROP FUNCTION audit_only_grows()",
    ),
}
