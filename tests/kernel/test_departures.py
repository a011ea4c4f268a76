"""Departures: written when it is durable, read back whatever lies in the file, and never an address."""

from __future__ import annotations

import logging
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.kernel import departures
from newsletter_app.kernel.departures import Act, Departures

KEY, OTHER = "0a" * 32, "1b" * 32


@pytest.fixture
def files(tmp_path: Path) -> Departures:
    """Give the files of a machine, none of them there yet."""
    return Departures(tmp_path, "mail 1")


@pytest.fixture
def noting(sqlite_url: URL, files: Departures) -> sessionmaker[Session]:
    """Give sessions that write to the files."""
    sessions = sessionmaker(create_engine(sqlite_url))
    departures.attach(sessions, files.write)
    return sessions


def test_what_was_written_reads_back(files: Departures, now: datetime) -> None:
    acts = [
        Act(now, KEY, "withdrawn", "1,3"),
        Act(now + timedelta(microseconds=1), OTHER, departures.ERASED),
        Act(now, OTHER, departures.SUPPRESSED, "bulk,by-hand"),
    ]
    files.write(acts[:1])
    files.write(acts[1:])
    (path,) = files.folder.iterdir()
    assert path.name == "mail-1-2026-03.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(departures.read(files.folder)) == acts


def test_torn_and_foreign_lines_are_passed_over(files: Departures, now: datetime) -> None:
    files.write([Act(now, KEY, "withdrawn", "1")])
    (path,) = files.folder.iterdir()
    whole = path.read_text()
    path.write_text(
        f"\n{whole[:40]}\nnever {KEY} withdrawn 1\n2026-13-01T00:00:00+00:00 {KEY} erased\né{whole}{whole}"
    )
    assert list(departures.read(files.folder)) == [Act(now, KEY, "withdrawn", "1")]


def test_what_was_rolled_back_is_not_told(
    noting: sessionmaker[Session], files: Departures, now: datetime
) -> None:
    with noting() as session:
        session.execute(text("SELECT 1"))
        departures.note(session, Act(now, KEY, "withdrawn", "1"))
        session.rollback()
    assert not files.folder.exists()
    with noting.begin() as session:
        with session.begin_nested():
            departures.note(session, Act(now, OTHER, "withdrawn", "1"))
        assert not files.folder.exists(), "a savepoint is not durable"
    assert [act.address_key for act in departures.read(files.folder)] == [OTHER]  # S33


def test_a_stop_holds_though_the_disk_is_full(
    tmp_path: Path, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """What it tells of is committed; nobody may be told that it failed."""
    (tmp_path / departures.FOLDER).write_text("no folder can be made here")
    with caplog.at_level(logging.ERROR):
        Departures(tmp_path, "mail-1").write([Act(now, KEY, "withdrawn", "1")])
    assert "departures_unwritten" in caplog.text
    assert KEY not in caplog.text


def test_old_files_are_swept(files: Departures, now: datetime) -> None:
    files.write([Act(now, KEY, "withdrawn", "1")])
    (path,) = files.folder.iterdir()
    for age, swept in ((departures.KEPT - timedelta(days=1), 0), (departures.KEPT + timedelta(days=1), 1)):
        written = (now - age).timestamp()
        os.utime(path, (written, written))
        assert departures.sweep(files.folder, now) == swept
