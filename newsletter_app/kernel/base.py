"""The declarative base, the UTC type and the one engine factory; it refuses naive times."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

READ_ONLY = "newsletter_read_only"
BUSY_TIMEOUT_MS = 15_000
# SQLite's own waiting: asked again after 1, 2, 5 and 2 ms.
ASK_AGAIN_MS = 10
# Kept open as soon as they were needed once: at least as many as a web process has threads, since
# opening one costs PostgreSQL a process, and SQLite five statements.
POOL_SIZE = 10

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite stores it without its zone, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return ``value`` in UTC. Raises ValueError for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored; pass aware UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time as aware UTC."""
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of every room; ``datetime`` annotations are aware UTC."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


def make_engine(url: str | URL, **options: Any) -> Engine:
    """Return an engine for SQLite or PostgreSQL with durable, many-writer settings.

    ``engine.execution_options(newsletter_read_only=True)`` gives connections whose
    transactions cannot write (SQLite ``query_only``, PostgreSQL ``READ ONLY``).
    """
    # A failing statement is logged without its values: they hold addresses (S28).
    if "poolclass" not in options:
        options.setdefault("pool_size", POOL_SIZE)
    engine = create_engine(make_url(url), hide_parameters=True, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
    return engine


@cache
def read_only(engine: Engine) -> Engine:
    """Return ``engine`` in the form whose transactions cannot write; one object, so one pool and one bind."""
    return engine.execution_options(**{READ_ONLY: True})


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN is taken over: it would begin DEFERRED, and an upgrade to a
    # write lock fails at once with "database is locked", whatever busy_timeout says.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # What a planner fears to be dear it compiles first (PostgreSQL 15, 32.1), which takes half a second for
    # a statement of ours that runs for some milliseconds. Outside a transaction, or it ended with that.
    as_asked, connection.autocommit = connection.autocommit, True
    connection.execute("SET jit = off")
    connection.autocommit = as_asked


def _begin_sqlite(connection: Connection) -> None:
    read_only = bool(connection.get_execution_options().get(READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    if read_only:
        connection.exec_driver_sql("BEGIN DEFERRED")
    else:
        _begin_writing(connection)


def _begin_writing(connection: Connection) -> None:
    # SQLite's own waiting has no queue: it asks again ever more seldom, in the end every 100 ms. Beside
    # writers that follow each other closely the lock is free for a hundredth of the time, so that an
    # unlucky one was told "database is locked" after 15 seconds while the others were served at once.
    # Asked every few milliseconds, each of them has its turn.
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    connection.exec_driver_sql(f"PRAGMA busy_timeout={ASK_AGAIN_MS}")
    try:
        while not _has_begun(connection, is_last=time.monotonic() >= give_up_at):
            continue
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _has_begun(connection: Connection, *, is_last: bool) -> bool:
    """Tell whether the lock was to be had. Raises OperationalError if not, the last time it is asked for."""
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as fault:
        # The low octet is the primary code; SQLITE_BUSY_RECOVERY is one of BUSY's kinds (sqlite.org/rescode).
        if is_last or getattr(fault.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(READ_ONLY):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
