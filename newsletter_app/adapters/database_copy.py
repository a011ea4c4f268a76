"""Copies of a whole database, out to a file and back; consistent while others write, and refused in words."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

# More rows than were ever made between two backups, and few enough for two thousand restores.
SKIPPED: Final = 1_000_000
LINKED: Final = ("subscribers", "signups", "address_changes", "service_mails")
_SKIP: Final = {
    "sqlite": (
        "INSERT INTO sqlite_sequence (name, seq) SELECT :table, 0"
        " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)",
        "UPDATE sqlite_sequence SET seq = seq + :skipped WHERE name = :table",
    ),
    "postgresql": (
        "SELECT setval(pg_get_serial_sequence(:table, 'id'),"
        " nextval(pg_get_serial_sequence(:table, 'id')) + :skipped)",
    ),
}


class CopyRefused(Exception):
    """The database cannot be copied; the text is one sentence that says what to do."""


def dialect_of(database_url: str) -> str:
    """Return ``sqlite`` or ``postgresql``."""
    return make_url(database_url).get_backend_name()


def revision_of(database_url: str) -> str | None:
    """Return the schema's revision, or None when the database holds no schema. Raises CopyRefused."""
    if dialect_of(database_url) == "sqlite" and not _file_of(database_url).exists():
        return None
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    except SQLAlchemyError as fault:
        raise CopyRefused(
            "The database cannot be read: see that DATABASE_URL is right and it runs."
        ) from fault
    finally:
        engine.dispose()


def is_occupied(database_url: str) -> bool:
    """Tell whether there is something to lose: a SQLite file, sound or not, or a schema."""
    if dialect_of(database_url) == "sqlite":
        return _file_of(database_url).exists()
    return revision_of(database_url) is not None


def move_aside(database_url: str, folder: Path) -> None:
    """Put what the database holds into ``folder``; a SQLite file goes with its log, even a damaged one."""
    if not is_occupied(database_url):
        return
    if dialect_of(database_url) != "sqlite":
        copy_out(database_url, folder / "database.pgdump")
        return
    file = _file_of(database_url)
    for path in file.parent.glob(f"{file.name}*"):
        if path.name.removeprefix(file.name) in ("", "-wal", "-shm"):
            shutil.move(path, folder / path.name)


def copy_out(database_url: str, target: Path) -> None:
    """Write a consistent copy into ``target``. Raises CopyRefused."""
    if dialect_of(database_url) == "sqlite":
        _copy_sqlite(_file_of(database_url), target)
    else:
        _run_tool(
            database_url, "pg_dump", "--format=custom", "--no-owner", f"--file={target}", _libpq(database_url)
        )


def copy_in(source: Path, database_url: str) -> None:
    """Make the database what ``source``, written by ``copy_out``, holds. Raises CopyRefused.

    A SQLite file must be moved away before, with what lies beside it. PostgreSQL is replaced in one
    transaction: by its whole schema, since pg_restore's own --clean stumbles over partitions.
    """
    if dialect_of(database_url) == "sqlite":
        _copy_sqlite(source, _file_of(database_url))
        return
    script = source.with_suffix(".sql")
    _run_tool(database_url, "pg_restore", "--no-owner", f"--file={script}", str(source))
    empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    _run_tool(
        database_url,
        "psql",
        *options,
        f"--command={empty}",
        f"--file={script}",
        f"--dbname={_libpq(database_url)}",
    )


def skip_ids(database_url: str) -> None:
    """Let the next row of each table that links name begin far above the rows it has. Raises CopyRefused.

    A restored copy knows nothing of the rows made after it, but their links are in people's mailboxes and
    their numbers in journals: a number given twice would let an old link stop somebody else.
    """
    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            standing = set(inspect(connection).get_table_names())
            for table in filter(standing.__contains__, LINKED):
                for statement in _SKIP[engine.dialect.name]:
                    connection.execute(text(statement), {"table": table, "skipped": SKIPPED})
    except SQLAlchemyError as fault:
        raise CopyRefused(
            "The restored database cannot be written: see that DATABASE_URL is right and it runs."
        ) from fault
    finally:
        engine.dispose()


def _file_of(database_url: str) -> Path:
    return Path(make_url(database_url).database or "")


def _copy_sqlite(source: Path, target: Path) -> None:
    # The online backup: readers and writers go on, and what lies in the write-ahead log is in it.
    try:
        with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(target)) as to:
            from_.backup(to)
            (verdict,) = to.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as fault:
        raise CopyRefused(f"The database file {source} cannot be copied ({fault}).") from fault
    if verdict != "ok":
        raise CopyRefused(f"The database file {source} is damaged ({verdict}).")
    target.chmod(0o600)


def _run_tool(database_url: str, name: str, *arguments: str) -> None:
    tool = shutil.which(name)
    if tool is None:
        raise CopyRefused(f"{name} is not installed: install postgresql-client, as new as the server.")
    # The password goes by the environment: arguments are seen by everybody on the machine.
    password = make_url(database_url).password
    environ = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run([tool, *arguments], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or "no words").splitlines()[0]
        raise CopyRefused(f"{name} failed: {words}")


def _libpq(database_url: str) -> str:
    url = make_url(database_url)
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return bare.render_as_string(hide_password=False)
