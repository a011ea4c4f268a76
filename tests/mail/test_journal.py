"""The journal says after a crash what left the house, and lets nothing leave that it could not write."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter_app.mail import journal as journal_module
from newsletter_app.mail.accounts import Account, Handed
from newsletter_app.mail.journal import CHUNK, Journal, JournalFull, current_boot_id
from newsletter_app.mail.replies import Reply

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUEUED = Reply(250, "2.0.0", "Ok: queued")
PLAIN = Reply(450, None, "")

ROOT = Path(__file__).resolve().parents[2]


def opened(folder: Path, sender: int = 12) -> Journal:
    return Journal.open(folder, sender, "mail-1", NOW)


def test_people_can_read_it(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.handing_over("d:7:1001", 531)
    journal.replied("d:7:1001", 531, QUEUED)
    journal.replied("s:9", 532, PLAIN)
    journal.recorded(531)
    journal.close()
    head, *lines = journal.path.read_text().splitlines()
    assert head == (
        f"journal 1 host=mail-1 boot={current_boot_id()} pid={os.getpid()}"
        " started=2026-11-23T08:00:00+00:00 sender=12"
    )
    assert lines == [
        "handing d:7:1001 531",
        "replied d:7:1001 531 250 2.0.0 Ok: queued",
        "replied s:9 532 450 - ",
        "recorded 531",
    ]
    account = Account(journal.path)
    assert account.fates() == {("d:7:1001", 531): QUEUED, ("s:9", 532): PLAIN}
    assert account.fates(recorded=False) == {("s:9", 532): PLAIN}
    assert account.recorded() == {531}
    assert account.highest_claim_no() == 532
    assert account.header.started_at == NOW


def test_lines_are_on_their_way_to_the_disk_at_once(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.handing_over("d:7:1", 3)
    assert Account(journal.path).fates() == {("d:7:1", 3): Handed()}  # Not closed, not flushed.
    journal.close()


def test_a_full_disk_is_met_before_a_claim(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.reserve(200)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK, hard))  # A file may not grow beyond the first chunk.
    try:
        with pytest.raises(JournalFull):
            journal.reserve(1000)
        for number in range(200):  # What was reserved is there, to the longest line.
            journal.handing_over(f"d:{number}:" + "9" * 90, 10**12)
            journal.replied(f"d:{number}:" + "9" * 90, 10**12, Reply(250, "2.999.999", "é" * 300))
            journal.recorded(10**12)
        with pytest.raises(JournalFull):
            for number in range(100_000):
                journal.handing_over(f"d:1:{number}", 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    journal.close()


def test_room_is_taken_ahead_and_given_back(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.reserve(1)
    status = journal.path.stat()
    assert status.st_size == CHUNK
    assert status.st_blocks * 512 >= CHUNK
    assert status.st_mode & 0o777 == 0o600
    journal.close()
    assert journal.path.stat().st_size < 200


@pytest.mark.parametrize("key", ["", "d 1", "d:1\n", "D:1", "d:" + "1" * 100])
def test_a_key_that_would_blur_the_lines_is_refused(tmp_path: Path, key: str) -> None:
    journal = opened(tmp_path)
    with pytest.raises(ValueError, match="key"):
        journal.handing_over(key, 1)
    journal.close()


@pytest.mark.parametrize("host", ["", "a b", "a\nb"])
def test_a_host_that_would_blur_the_head_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        Journal.open(tmp_path, 1, host, NOW)
    assert list(tmp_path.iterdir()) == []


def test_without_a_boot_id_no_journal_counts_as_of_this_boot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_BOOT_ID", tmp_path / "missing")
    other = subprocess.run(
        [sys.executable, "-c", "from newsletter_app.mail.journal import _SUBSTITUTE; print(_SUBSTITUTE)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert current_boot_id().startswith("unknown-")
    assert current_boot_id() != other.stdout.strip()


def test_its_newest_claim_is_the_highest_in_whatever_order_messages_leave(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    for claim_no in (7, 8, 7):
        journal.handing_over(f"d:1:{claim_no}", claim_no)
    journal.close()
    assert journal.claim_no == 8
