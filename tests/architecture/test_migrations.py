"""The migrations: up, down and up again on both databases, and never behind the models."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.engine import Connection, Engine

from newsletter_app.audit import append_only
from newsletter_app.tables import metadata
from newsletter_app.tips import search_ddl
from tests.architecture.source import PRODUCT

SCRIPTS = ScriptDirectory(str(PRODUCT / "migrations"))


def _migrate(connection: Connection, to: str) -> None:
    def steps(revision: object, _context: object) -> object:
        if to == "head":
            return SCRIPTS._upgrade_revs("head", revision)
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
