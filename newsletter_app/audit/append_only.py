"""What keeps the log as it was written: triggers of each database refuse to change or remove an entry (S29).

Only erasure may blot an address out of an entry's words. A migration says the same for databases that stand.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import FromClause, event
from sqlalchemy.engine import Connection

SQLITE: Final = (
    # An update may blot an address out of what was said (erasure), and nothing else.
    "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries"
    " WHEN NOT (NEW.id IS OLD.id AND NEW.at IS OLD.at AND NEW.actor IS OLD.actor AND NEW.action IS OLD.action"
    " AND NEW.origin IS OLD.origin AND instr(NEW.subject || NEW.details, '(address)') > 0)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
)
POSTGRESQL: Final = (
    "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN"
    " IF TG_OP = 'UPDATE' AND (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.origin)"
    " IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.origin)"
    " AND position('(address)' IN NEW.subject || NEW.details::text) > 0 THEN RETURN NEW; END IF;"
    " RAISE EXCEPTION 'the audit log only grows'; END $$",
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
