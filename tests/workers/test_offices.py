"""A full disk under the journals: met before a claim, said plainly, and over once there is room."""

from __future__ import annotations

import errno
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from newsletter_app.delivery import Delivery
from newsletter_app.ledger import Sender, State
from newsletter_app.mail.journal import CHUNK, Journal, JournalFull
from newsletter_app.mail.replies import Reply
from newsletter_app.outbox import OutboxMessage
from tests.delivery.conftest import World
from workers.base import Process
from workers.offices import open_office

LONG_REPLY = Reply(250, "2.0.0", "Ok: " + "x" * 490)
OLD_CLAIM = 0


@dataclass(frozen=True)
class Disk:
    """A disk with room for one journal: ``fall_short`` once that is begun, ``free`` makes room for others."""

    fall_short: Callable[[], None]
    free: Callable[[], None]


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Lay a disk of 1 MB under the folder of journals."""

    def free() -> None:
        for path in folder.glob("*.settled"):
            path.unlink()

    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        yield Disk(lambda: None, free)
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def small_files(folder: Path) -> Iterator[Disk]:
    """Let no file grow to 1 MB, which is met where nobody may mount; the database is smaller."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(octets: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))

    try:
        yield Disk(lambda: limit(CHUNK - 1), lambda: limit(soft))
    finally:
        limit(soft)


def may_mount() -> bool:
    """Tell whether this process may mount; in a container even root may not."""
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


@pytest.fixture(params=[small_disk, small_files] if may_mount() else [small_files])
def disk(request: pytest.FixtureRequest, world: World) -> Iterator[Disk]:
    """Give a disk that one journal fills."""
    with request.param(world.folder) as disk:
        yield disk


def fill(journal: Journal) -> None:
    """Leave less room in a journal's only megabyte than the next claim may need."""
    for _ in range(14):
        journal.replied_all([("d:9:1", OLD_CLAIM, LONG_REPLY)] * 100)
    journal.recorded(OLD_CLAIM)


def is_untouched(world: World) -> bool:
    """Tell whether nothing was claimed and nothing sent, and only the first office had a sender."""
    with world.unit_of_work() as session:
        states = set(session.scalars(select(Delivery.state)))
        claims = session.scalars(select(Sender.claim_no)).all()
        mails = session.scalar(select(func.count()).select_from(OutboxMessage))
    return (states, claims, mails) == ({State.queued}, [0], 0)


def try_to_send(world: World, process: Process) -> OSError:
    with pytest.raises(JournalFull) as raised, open_office(process, "bulk") as office:
        world.send(office)
    return raised.value


def test_nothing_is_claimed_on_a_full_disk_until_there_is_room(
    disk: Disk, world: World, process: Process
) -> None:
    world.launched(readers=3)
    with open_office(process, "bulk") as office:
        fill(office.journal)
    disk.fall_short()
    with capture_logs() as log:
        assert try_to_send(world, process).errno in (errno.ENOSPC, errno.EFBIG)
        assert is_untouched(world)
        try_to_send(world, process)
        assert is_untouched(world)
    said = [line["why"] for line in log if line["event"] == "journal_full"]
    assert said == [f"The disk of {world.folder} is full: no mail is sent until it has room."] * 2
    disk.free()
    with open_office(process, "bulk") as office:
        world.send(office)
    assert world.campaign_state() == "finished"
    with world.unit_of_work() as session:
        assert set(session.scalars(select(Delivery.state))) == {State.accepted}
