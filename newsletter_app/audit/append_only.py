"""What keeps the log as it was written: triggers of each database refuse to change or remove an entry (S29).

A migration says the same for databases that stand already.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import FromClause, event
from sqlalchemy.engine import Connection

SQLITE: Final = (
    "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
)
POSTGRESQL: Final = (
    "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$",
    "CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE ON audit_entries"
    " FOR EACH ROW EXECUTE FUNCTION audit_only_grows()",
)
_STATEMENTS: Final = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def keep(table: FromClause) -> None:
    """Make the triggers whenever ``table``, a mapped class's own, is made."""
    event.listen(table, "after_create", _make)


def _make(_table: object, connection: Connection, **_options: object) -> None:
    for statement in _STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
