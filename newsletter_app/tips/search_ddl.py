"""The full text of ``tip_searches``, which each database keeps in step by itself; it holds statements only.

SQLite has an FTS5 table that triggers fill, PostgreSQL generated columns with a GIN index. All are
called ``tip_index…``. A migration says the same for databases that stand already.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import FromClause, event
from sqlalchemy.engine import Connection

SQLITE: Final = (
    "CREATE VIRTUAL TABLE tip_index USING fts5(title, words,"
    " content='tip_searches', content_rowid='side_id', tokenize='unicode61')",
    "CREATE TRIGGER tip_searches_put AFTER INSERT ON tip_searches BEGIN"
    " INSERT INTO tip_index (rowid, title, words) VALUES (new.side_id, new.title, new.words); END",
    "CREATE TRIGGER tip_searches_gone AFTER DELETE ON tip_searches BEGIN"
    " INSERT INTO tip_index (tip_index, rowid, title, words)"
    " VALUES ('delete', old.side_id, old.title, old.words); END",
    "CREATE TRIGGER tip_searches_changed AFTER UPDATE ON tip_searches BEGIN"
    " INSERT INTO tip_index (tip_index, rowid, title, words)"
    " VALUES ('delete', old.side_id, old.title, old.words);"
    " INSERT INTO tip_index (rowid, title, words) VALUES (new.side_id, new.title, new.words); END",
)
POSTGRESQL: Final = (
    # What is searched has no places, and so lies in its row; what ranks has them, and mostly lies elsewhere.
    "ALTER TABLE tip_searches ADD COLUMN tip_index tsvector GENERATED ALWAYS AS"
    " (strip(to_tsvector('simple'::regconfig, title || ' ' || words))) STORED",
    "ALTER TABLE tip_searches ADD COLUMN tip_index_rank tsvector GENERATED ALWAYS AS"
    " (setweight(to_tsvector('simple'::regconfig, title), 'A')"
    " || setweight(to_tsvector('simple'::regconfig, words), 'D')) STORED",
    "CREATE INDEX ix_tip_searches_tip_index ON tip_searches USING gin (tip_index)",
)


_STATEMENTS: Final = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def index_with(table: FromClause) -> None:
    """Make the full text whenever ``table``, a mapped class's own, is made."""
    event.listen(table, "after_create", _make)


def _make(_table: object, connection: Connection, **_options: object) -> None:
    for statement in _STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
