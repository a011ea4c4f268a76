"""The engine's recipe: aware times, read-only sessions that cannot write, several writers at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.orm import Session

from newsletter_app.kernel import base
from newsletter_app.kernel.base import ASK_AGAIN_MS, READ_ONLY, make_engine
from newsletter_app.ledger import Heartbeat

WRITERS, WRITES = 6, 25


def test_times_come_back_aware_and_in_utc(session: Session) -> None:
    """A time given in another zone is the same moment when read."""
    local = datetime(2026, 3, 8, 2, 30, tzinfo=timezone(timedelta(hours=-7)))
    session.add(Heartbeat(name="tick", at=local))
    session.flush()
    session.expire_all()
    read = session.get_one(Heartbeat, "tick").at
    assert read == local
    assert read.tzinfo is UTC


def test_a_naive_time_is_refused(session: Session) -> None:
    """Nobody can say which moment it means."""
    session.add(Heartbeat(name="tick", at=datetime(2026, 3, 8)))  # noqa: DTZ001 - the fault under test
    with pytest.raises(StatementError, match="without a zone"):
        session.flush()


def test_a_read_only_session_cannot_write(engine: Engine, now: datetime) -> None:  # S7
    """The database itself refuses, whatever the code tries; the next writer is not hindered."""
    reader = engine.execution_options(**{READ_ONLY: True})
    with pytest.raises(DBAPIError), Session(reader) as session:
        session.add(Heartbeat(name="tick", at=now))
        session.flush()
    with Session(engine) as session, session.begin():
        session.add(Heartbeat(name="tick", at=now))
    with Session(reader) as session:
        assert session.get_one(Heartbeat, "tick").at == now


def test_many_writers_wait_for_each_other(engine: Engine) -> None:
    """Read-then-write in several threads loses nothing and never fails with "database is locked"."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (n INTEGER)"))
        connection.execute(text("INSERT INTO counters VALUES (0)"))

    def work() -> None:
        for _ in range(WRITES):
            with engine.begin() as connection:
                connection.execute(text("UPDATE counters SET n = n + 1"))

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM counters")).scalar_one() == WRITERS * WRITES


def test_no_writer_waits_while_others_are_served(sqlite_url: URL) -> None:
    """Signing up beside writers that follow each other closely once failed: "database is locked"."""
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (n INTEGER)"))
    is_over = threading.Event()

    def write_again_and_again() -> None:
        while not is_over.is_set():
            with engine.begin() as connection:
                connection.execute(text("INSERT INTO counters VALUES (0)"))
                # The lock is held for so long, as a batch does that waits for the disk.
                is_over.wait(0.005)

    others = [threading.Thread(target=write_again_and_again) for _ in range(3)]
    for other in others:
        other.start()
    waited = []
    for _ in range(30):
        waited.append(_begin_and_end(engine))
        is_over.wait(0.01)  # Or it would be served again and again itself.
    is_over.set()
    for other in others:
        other.join(timeout=60)
    engine.dispose()
    # Not served, it gives up after 15; the processor may be somebody else's for a while.
    assert max(waited) < 8


def _begin_and_end(engine: Engine) -> float:
    """Write once, and return how many seconds that had to wait."""
    asked_at = time.monotonic()
    with engine.begin():
        return time.monotonic() - asked_at


def test_a_writer_that_never_ends_is_told_of(sqlite_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the end the wait is over, and the connection is as good as before."""
    monkeypatch.setattr(base, "BUSY_TIMEOUT_MS", 100)
    engine = make_engine(sqlite_url)
    with engine.begin(), pytest.raises(OperationalError, match="database is locked"), engine.begin():
        pass
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 100
    engine.dispose()


# What a process does that recovers the log after a crash (sqlite.org/walformat.html 2.3.2): until it has
# read all of it, it holds the locks for writing and recovering, and the header is nobody's to trust.
RECOVERER = """
import fcntl, os, sys
with open(sys.argv[1], "r+b", buffering=0) as shm:
    for lock in (120, 122):
        fcntl.lockf(shm, fcntl.LOCK_EX, 1, lock)
    header = os.pread(shm.fileno(), 96, 0)
    os.pwrite(shm.fileno(), b"1" * 96, 0)
    print("recovering", flush=True)
    sys.stdin.read()
    os.pwrite(shm.fileno(), header, 0)
"""


def test_a_writer_waits_for_the_log_to_be_recovered(sqlite_url: URL) -> None:
    """After a crash all processes come back together; one reads the log, and the others have to wait."""
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (n INTEGER)"))
    command = [sys.executable, "-c", RECOVERER, f"{sqlite_url.database}-shm"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as recoverer:
        assert recoverer.stdin
        assert recoverer.stdout
        assert recoverer.stdout.readline()
        # Several times as long as SQLite itself is told to wait.
        threading.Timer(10 * ASK_AGAIN_MS / 1000, recoverer.stdin.close).start()
        _begin_and_end(engine)
    engine.dispose()


@pytest.mark.postgres
def test_as_many_connections_as_threads_are_kept_open(postgres_database: URL) -> None:
    """Each new one costs PostgreSQL a process."""
    engine = make_engine(postgres_database)
    first, second = _processes_of(engine), _processes_of(engine)
    assert first == second
    engine.dispose()


def _processes_of(engine: Engine) -> set[int]:
    with ExitStack() as stack:
        opened = [stack.enter_context(engine.connect()) for _ in range(8)]
        return {connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() for connection in opened}


@pytest.mark.postgres
def test_no_statement_is_compiled_first(postgres_database: URL) -> None:
    """Not even after a transaction was rolled back; a plain connection would compile."""
    engine = make_engine(postgres_database)
    shown = []
    with engine.connect() as connection:
        for _ in range(2):
            shown.append(connection.execute(text("SHOW jit")).scalar_one())
            connection.rollback()
        connection.exec_driver_sql("RESET jit")
        shown.append(connection.execute(text("SHOW jit")).scalar_one())
        connection.rollback()
    engine.dispose()
    assert shown == ["off", "off", "on"]


def test_sqlite_is_durable(sqlite_url: URL) -> None:
    """A claim that was committed survives a power cut: WAL with synchronous=FULL."""
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()
