"""The migrations: up, down and up again on both databases, and never behind the models."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

from newsletter_app.audit import append_only
from newsletter_app.tables import metadata
from newsletter_app.tips import search_ddl
from tests.architecture.source import PRODUCT

SCRIPTS = ScriptDirectory(str(PRODUCT / "migrations"))


_AT = "'2026-03-02 16:00:00'"
# A campaign that is over and one that is being planned, each with the French edition of a tip.
_SENT_BEFORE = (
    f"INSERT INTO notices (id, key, position, created_at) VALUES (1, 'tips', 1, {_AT})",
    "INSERT INTO tips (id, notice_id, state, withdrawn_why, image_creator, image_source, image_source_url,"
    f" image_licence, reviewed_by, created_at) VALUES (1, 1, 'published', '', '', '', '', '', '', {_AT})",
    f"INSERT INTO publications (id, tip_id, notice_id, seq, created_at) VALUES (1, 1, 1, 1, {_AT})",
    *(
        "INSERT INTO campaigns (id, occurrence, cadence, kind, state, pause_reason, due_at, created_by,"
        f" created_at) VALUES ({id_}, 'x:{id_}', 'each', 'newsletter', '{state}', '', {_AT}, '', {_AT})"
        for id_, state in ((1, "finished"), (2, "planning"))
    ),
    *(
        "INSERT INTO editions (id, campaign_id, key, language, layout, created_at)"
        f" VALUES ({id_}, {id_}, '1/fr/text', 'fr', 'text', {_AT})"
        for id_ in (1, 2)
    ),
    *(
        f"INSERT INTO edition_items (edition_id, publication_id, position) VALUES ({id_}, 1, 0)"
        for id_ in (1, 2)
    ),
)


def _migrate(connection: Connection, to: str) -> None:
    def steps(revision: object, _context: object) -> object:
        if to == "head" or revision in ((), None):
            return SCRIPTS._upgrade_revs(to, revision)
        return SCRIPTS._downgrade_revs(to, revision)

    context = MigrationContext.configure(connection, opts={"fn": steps, "target_metadata": metadata})
    with Operations.context(context), context.begin_transaction():
        context.run_migrations()


def test_up_down_and_up_again(empty_engine: Engine) -> None:
    """A downgrade leaves nothing behind, so an upgrade can be tried and taken back."""
    with empty_engine.begin() as connection:
        _migrate(connection, "head")
        _migrate(connection, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
        _migrate(connection, "head")
        assert "deliveries" in inspect(connection).get_table_names()


def test_what_was_sent_before_is_older_than_any_correction(empty_engine: Engine) -> None:
    """An edition that left is known by its language; one that is still to be compiled is not."""
    with empty_engine.begin() as connection:
        _migrate(connection, "0013")
        for statement in _SENT_BEFORE:
            connection.execute(text(statement))
        _migrate(connection, "head")
        found = connection.execute(text("SELECT edition_id, side, revision FROM edition_items ORDER BY 1"))
        assert [tuple(row) for row in found] == [(1, "fr", 0), (2, None, None)]


def test_the_models_hold_nothing_the_migrations_lack(empty_engine: Engine) -> None:
    """Autogenerate finds no difference between a migrated database and the models."""
    with empty_engine.begin() as connection:
        _migrate(connection, "head")
        context = MigrationContext.configure(connection, opts={"include_object": _ours})
        assert compare_metadata(context, metadata) == []


def _ours(_thing: object, name: str | None, _kind: str, reflected: bool, _other: object) -> bool:
    # What each database makes of the search's index is known to no model; the next test asks it.
    foreign = name in {"deliveries_rest", "alembic_version"} or "tip_index" in (name or "")
    return not (reflected and foreign)


def test_the_full_text_is_the_one_that_new_databases_have() -> None:
    """Two places say how the search's index is made, and they must never differ."""
    migration = SCRIPTS.get_revision("0009").module
    assert (migration.SQLITE_UP, migration.POSTGRESQL_UP) == (search_ddl.SQLITE, search_ddl.POSTGRESQL)


def test_what_keeps_the_log_is_what_new_databases_have() -> None:  # S29
    migration = SCRIPTS.get_revision("0019").module
    assert (migration.SQLITE_UP, migration.POSTGRESQL_UP) == (append_only.SQLITE, append_only.POSTGRESQL)
