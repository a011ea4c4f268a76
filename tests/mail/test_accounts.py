"""After a crash one process, and only one, learns from a journal what left the house, torn as it may be."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail.accounts import Account, Handed, abandoned, accounts, sweep
from newsletter_app.mail.journal import Journal, current_boot_id
from newsletter_app.mail.replies import Reply

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUEUED = Reply(250, "2.0.0", "Ok: queued")

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.replies import Reply
journal = Journal.open(Path(sys.argv[1]), 12, "mail-1", datetime.now(UTC))
journal.handing_over("d:7:1", 5)
journal.replied("d:7:1", 5, Reply(250, "2.0.0", "Ok: queued"))
journal.handing_over("d:7:2", 5)
print("written", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that wrote three lines and waits with its journal open."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    yield process
    process.kill()
    process.wait(5)
    process.stdin.close()
    process.stdout.close()


def opened(folder: Path, sender: int = 12) -> Journal:
    return Journal.open(folder, sender, "mail-1", NOW)


def test_a_killed_process_leaves_what_it_handed_over(  # M17, M18
    tmp_path: Path, writer: subprocess.Popen[str]
) -> None:
    assert list(abandoned(tmp_path)) == []  # Its process lives, so nobody settles it.
    writer.send_signal(signal.SIGKILL)
    writer.wait(5)
    (found,) = [(one.header, one.fates(), one.highest_claim_no()) for one in abandoned(tmp_path)]
    header, fates, highest = found
    assert (header.host, header.boot_id, header.sender_id) == ("mail-1", current_boot_id(), "12")
    assert header.pid == writer.pid
    assert fates == {("d:7:1", 5): QUEUED, ("d:7:2", 5): Handed()}
    assert highest == 5


def test_only_one_settles(tmp_path: Path) -> None:
    opened(tmp_path).close()
    first = abandoned(tmp_path)
    taken = next(first)
    assert list(abandoned(tmp_path)) == []
    taken.release()
    (again,) = list(abandoned(tmp_path))
    assert again.path == taken.path


def test_settled_is_settled_for_ever(tmp_path: Path) -> None:
    opened(tmp_path).close()
    for found in abandoned(tmp_path):
        found.done(NOW)
    assert list(abandoned(tmp_path)) == []
    assert [path.suffix for path in tmp_path.iterdir()] == [".settled"]


def test_a_settler_that_came_late_to_the_lock_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path).close()
    real = fcntl.flock

    def late(fd: int, how: int) -> None:
        for path in tmp_path.glob("*.journal"):  # Another one settles it between our open and our lock.
            path.rename(path.with_suffix(".settled"))
        real(fd, how)

    monkeypatch.setattr(fcntl, "flock", late)
    assert list(abandoned(tmp_path)) == []


@given(cut=st.integers(0, 400))
def test_a_torn_last_line_is_ignored(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    journal = opened(tmp_path_factory.mktemp("journal"))
    for number in range(1, 4):
        journal.handing_over(f"d:1:{number}", number)
        journal.replied(f"d:1:{number}", number, QUEUED)
    journal.close()
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:cut] + b"\0" * 200)
    lines = whole[:cut].count(b"\n")
    fates = Account(journal.path).fates()
    assert all(fate in (QUEUED, Handed()) for fate in fates.values())
    assert len(fates) == max(0, lines) // 2
    assert sum(fate == QUEUED for fate in fates.values()) == max(0, lines - 1) // 2


def test_a_file_whose_head_is_lost_is_of_no_boot(tmp_path: Path) -> None:
    (tmp_path / "x.journal").write_bytes(b"\0" * 4096)
    (found,) = list(abandoned(tmp_path))
    assert found.header.boot_id == ""
    assert found.header.boot_id != current_boot_id()
    assert found.fates() == {}
    assert found.highest_claim_no() == 0


def test_settled_ones_go_after_a_fortnight(tmp_path: Path) -> None:
    opened(tmp_path).close()
    living = opened(tmp_path)
    for found in abandoned(tmp_path):
        found.done(NOW)
    assert sweep(tmp_path, NOW + timedelta(days=14)) == 0
    assert sweep(tmp_path, NOW + timedelta(days=14, seconds=1)) == 1
    assert list(tmp_path.iterdir()) == [living.path]
    living.close()


def test_every_journal_can_be_replayed(tmp_path: Path) -> None:
    for claim in (1, 2, 3):
        journal = opened(tmp_path)
        journal.handing_over("d:1:1", claim)
        journal.close()
        if claim == 1:
            for found in abandoned(tmp_path):
                found.done(NOW)
    assert sorted(account.highest_claim_no() for account in accounts(tmp_path)) == [1, 2, 3]
