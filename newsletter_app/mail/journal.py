"""What one process handed over, written where a crash cannot reach it; refuses to hand over on a full disk.

A journal is a text file, one per sender, made to be read by people after an accident:

    journal 1 host=mail-1 boot=5bb5fd08-… pid=4711 started=2026-11-23T08:00:00+00:00 sender=12
    handing d:7:1001 531                       the final dot of this row's message leaves now
    replied d:7:1001 531 250 2.0.0 Ok: queued  what the server said ("-" where it gave no enhanced code)
    recorded 531                               the outcomes of this claim are committed

The second and third words are the ledger's row and the number of its claim. The file is allocated ahead, so
NUL octets follow the last line; a torn last line is ignored. Lines are not synced one by one: after a power
cut silence proves nothing, which is why the header carries the boot id. The file is held under flock as
long as its process writes it: whoever takes the lock may settle the file, which then ends in ".settled". A
process whose journal ``is_grown`` leaves it for settling and goes on as another sender.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, Self
from uuid import uuid4

from newsletter_app.mail.replies import Reply

CHUNK: Final = 1024 * 1024  # Octets allocated at a time.
GROWN: Final = 64 * 1024 * 1024  # Octets from which on a living process begins another journal.
PER_MESSAGE: Final = 1600  # The longest handing, replied and recorded lines of one message, in octets.

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_KEY: Final = re.compile(r"[a-z0-9:]{1,100}")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Where the system tells no boot id, one nobody else has: its journals never count as written since this boot.
_SUBSTITUTE: Final = f"unknown-{uuid4()}"


class JournalFull(OSError):
    """The disk has no room for the journal of the next messages; nothing of them was handed over."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who wrote a journal; ``boot_id`` is "" and ``started_at`` None when the first line cannot be read."""

    host: str
    boot_id: str
    pid: int
    started_at: datetime | None
    sender_id: str


def current_boot_id() -> str:
    """Return the id of the machine's present boot; where there is none, an id that only this process has."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip() or _SUBSTITUTE
    except OSError:
        return _SUBSTITUTE


def check_room(folder: Path) -> None:
    """See whether a journal could be begun in ``folder`` (made if missing). Raises JournalFull, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryFile(dir=folder) as trial:
        _allocate(trial.fileno(), 0, CHUNK, folder)


class Journal:
    """The journal this process writes; one writer. Do not fork with it open: a child would hold its lock."""

    def __init__(self, path: Path, fd: int, header: Header) -> None:
        """Take over an open, locked, empty file; use ``Journal.open``."""
        self.path = path
        self.header = header
        self.claim_no = 0
        """The newest claim that anything was handed over under, 0 if none."""
        self._fd = fd
        self._at = 0
        self._allocated = 0

    @classmethod
    def open(cls, folder: Path, sender_id: int | str, host: str, now: datetime) -> Self:
        """Begin a journal in ``folder`` (made if missing). Raises JournalFull, OSError, ValueError."""
        header = Header(host, current_boot_id(), os.getpid(), now.astimezone(UTC), str(sender_id))
        if not (_NAME.fullmatch(host) and _NAME.fullmatch(header.sender_id)):
            raise ValueError("host and sender id are plain names")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stem = f"{header.sender_id}-{header.pid}-{now.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
        # It appears under its own name only when locked and begun, so that nobody settles it half made.
        fresh = folder / f"{stem}.new"
        fd = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        journal = cls(folder / f"{stem}.journal", fd, header)
        try:
            journal._begin(fresh)
        except BaseException:
            fresh.unlink(missing_ok=True)
            os.close(fd)
            raise
        return journal

    @property
    def is_grown(self) -> bool:
        """Whether it is so long that the next claims belong into another one: settling reads it whole."""
        return self._at > GROWN

    def reserve(self, messages: int) -> None:
        """Make sure that the lines of so many messages fit on the disk. Raises JournalFull."""
        self._allocate(self._at + messages * PER_MESSAGE)

    def handing_over(self, key: str, claim_no: int) -> None:
        """Write that this row's final dot leaves now. Raises JournalFull (send no dot), ValueError."""
        if not _KEY.fullmatch(key):
            raise ValueError("a key is made of a-z, 0-9 and colons")
        self._write(f"handing {key} {claim_no}\n")
        # What was claimed before may leave after what was claimed since, over another connection.
        self.claim_no = max(self.claim_no, claim_no)

    def replied_all(self, said: Iterable[tuple[str, int, Reply]]) -> None:
        """Write several verdicts (key, claim_no, reply) at once."""
        lines = [
            f"replied {key} {claim_no} {reply.code} {reply.enhanced or '-'} {reply.text}\n"
            for key, claim_no, reply in said
        ]
        self._write("".join(lines))

    def replied(self, key: str, claim_no: int, reply: Reply) -> None:
        """Write the server's verdict on this row's message."""
        self.replied_all([(key, claim_no, reply)])

    def recorded(self, claim_no: int) -> None:
        """Mark that the outcomes of this claim are committed; it shows where a kill fell."""
        self._write(f"recorded {claim_no}\n")

    def close(self) -> None:
        """Give back what was allocated ahead and let go of the lock; whoever comes next settles the file."""
        if self._fd >= 0:
            os.ftruncate(self._fd, self._at)
            os.close(self._fd)
            self._fd = -1

    def _begin(self, fresh: Path) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        head = self.header
        self._write(
            f"journal 1 host={head.host} boot={head.boot_id} pid={head.pid}"
            f" started={head.started_at:%Y-%m-%dT%H:%M:%S+00:00} sender={head.sender_id}\n"
        )
        os.fsync(self._fd)
        fresh.rename(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _allocate(self, end: int) -> None:
        if end <= self._allocated:
            return
        wanted = -(-end // CHUNK) * CHUNK
        _allocate(self._fd, self._allocated, wanted, self.path)
        self._allocated = wanted

    def _write(self, line: str) -> None:
        octets = line.encode("utf-8", "replace")
        if self._at + len(octets) > self._allocated:
            self._allocate(self._at + len(octets))
        try:
            while octets:
                written = os.write(self._fd, octets)
                self._at += written
                octets = octets[written:]
        except OSError as fault:
            raise _named(fault, self.path) from fault


def _allocate(fd: int, begin: int, end: int, path: Path) -> None:
    try:
        os.posix_fallocate(fd, begin, end - begin)
    except OSError as fault:
        raise _named(fault, path) from fault


def _named(fault: OSError, path: Path) -> OSError:
    if fault.errno in _FULL:
        return JournalFull(fault.errno, "no room for the journal", str(path))
    return fault
