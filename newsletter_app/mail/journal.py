"""What one process handed over, written where a crash cannot reach it; refuses to hand over on a full disk.

A journal is a text file, one per process, made to be read by people after an accident:

    journal 1 host=mail-1 boot=5bb5fd08-… pid=4711 started=2026-11-23T08:00:00+00:00 sender=12
    handing d:7:1001 531                       the final dot of this row's message leaves now
    replied d:7:1001 531 250 2.0.0 Ok: queued  what the server said ("-" where it gave no enhanced code)
    recorded 531                               the outcomes of this claim are committed

The second and third words are the ledger's row and the number of its claim. The file is allocated ahead, so
NUL octets follow the last line; a torn last line is ignored. Lines are not synced one by one: after a power
cut silence proves nothing, which is why the header carries the boot id. The file is held under flock as
long as its process lives: whoever takes the lock may settle the file, which then ends in ".settled".
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

from newsletter_app.mail.replies import Reply

KEPT: Final = timedelta(days=14)
CHUNK: Final = 1024 * 1024  # Octets allocated at a time.
SETTLED: Final = "settled"  # A database has recorded what it says.
RECONCILED: Final = "reconciled"  # A restored database has learned from it.
TAIL: Final = 2 * CHUNK  # Octets at the end that surely hold a line, and claims only rise.
PER_MESSAGE: Final = 1600  # The longest handing, replied and recorded lines of one message, in octets.

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_KEY: Final = re.compile(r"[a-z0-9:]{1,100}")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_HEADER: Final = re.compile(r"journal 1 host=(\S+) boot=(\S+) pid=(\d+) started=(\S+) sender=(\S+)")
_HANDING: Final = re.compile(r"handing (\S+) (\d+)")
_REPLIED: Final = re.compile(r"replied (\S+) (\d+) (\d{3}) (\S+) (.*)")
_RECORDED: Final = re.compile(r"recorded (\d+)")
_CLAIM: Final = re.compile(r"(?:handing \S+|replied \S+|recorded) (\d+)")
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


@dataclass(frozen=True, slots=True)
class Handed:
    """The final dot may have left and no reply was written: the message's fate is uncertain (RFC 1047)."""


Fates = dict[tuple[str, int], Handed | Reply]


def current_boot_id() -> str:
    """Return the id of the machine's present boot; where there is none, an id that only this process has."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip() or _SUBSTITUTE
    except OSError:
        return _SUBSTITUTE


class Journal:
    """The journal this process writes; one writer. Do not fork with it open: a child would hold its lock."""

    def __init__(self, path: Path, fd: int, header: Header) -> None:
        """Take over an open, locked, empty file; use ``Journal.open``."""
        self.path = path
        self.header = header
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

    def reserve(self, messages: int) -> None:
        """Make sure that the lines of so many messages fit on the disk. Raises JournalFull."""
        self._allocate(self._at + messages * PER_MESSAGE)

    def handing_over(self, key: str, claim_no: int) -> None:
        """Write that this row's final dot leaves now. Raises JournalFull (send no dot), ValueError."""
        if not _KEY.fullmatch(key):
            raise ValueError("a key is made of a-z, 0-9 and colons")
        self._write(f"handing {key} {claim_no}\n")

    def replied(self, key: str, claim_no: int, reply: Reply) -> None:
        """Write the server's verdict on this row's message."""
        self._write(f"replied {key} {claim_no} {reply.code} {reply.enhanced or '-'} {reply.text}\n")

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
        with _full_disk_named(self.path):
            os.posix_fallocate(self._fd, self._allocated, wanted - self._allocated)
        self._allocated = wanted

    def _write(self, line: str) -> None:
        octets = line.encode("utf-8", "replace")
        self._allocate(self._at + len(octets))
        while octets:
            with _full_disk_named(self.path):
                written = os.write(self._fd, octets)
            self._at += written
            octets = octets[written:]


@contextlib.contextmanager
def _full_disk_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno in _FULL:
            raise JournalFull(fault.errno, "no room for the journal", str(path)) from fault
        raise


class Account:
    """What a journal says, read line by line from a file that may be torn; changes nothing."""

    def __init__(self, path: Path) -> None:
        """Read the header of ``path``. Raises OSError."""
        self.path = path
        self.header = _read_header(next(self._lines(), ""))

    def fates(self, *, recorded: bool = True) -> Fates:
        """Return what is known of each (key, claim_no): the reply, or Handed when none was written.

        ``recorded=False`` leaves out the claims marked as recorded: all that settling needs, and small
        however long the process lived. After a restored backup the others count too.
        """
        claims: dict[int, dict[str, Handed | Reply]] = {}
        for line in self._lines():
            if match := _REPLIED.fullmatch(line):
                enhanced = None if match[4] == "-" else match[4]
                claims.setdefault(int(match[2]), {})[match[1]] = Reply(int(match[3]), enhanced, match[5])
            elif match := _HANDING.fullmatch(line):
                claims.setdefault(int(match[2]), {}).setdefault(match[1], Handed())
            elif not recorded and (match := _RECORDED.fullmatch(line)):
                claims.pop(int(match[1]), None)
        return {(key, claim_no): fate for claim_no, fates in claims.items() for key, fate in fates.items()}

    def recorded(self) -> frozenset[int]:
        """Return the claims whose outcomes were marked as committed."""
        return frozenset(int(match[1]) for line in self._lines() if (match := _RECORDED.fullmatch(line)))

    def highest_claim_no(self) -> int:
        """Return the highest claim the file speaks of, 0 if none: a database behind it went back in time."""
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - TAIL))
            lines = file.read().decode("utf-8", "replace").split("\n")[:-1]
        return max((int(match[1]) for line in lines if (match := _CLAIM.match(line))), default=0)

    def put_by(self) -> None:
        """Mark the file as reconciled: it is kept and read, and locks nobody any more."""
        self.path = self.path.rename(self.path.with_suffix(f".{RECONCILED}"))

    def _lines(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            for octets in file:
                if octets.endswith(b"\n"):  # Else it is torn, or the room allocated ahead.
                    yield octets[:-1].decode("utf-8", "replace")


class Abandoned(Account):
    """The journal of a process that is gone, with its lock held by us until ``done`` or ``release``."""

    def __init__(self, path: Path, fd: int) -> None:
        """Take over a locked file; use ``abandoned``."""
        super().__init__(path)
        self._fd = fd

    def done(self, now: datetime) -> None:
        """Call it after the commit that settled the rows: the file becomes *.settled, its lock is let go."""
        os.utime(self._fd, (now.timestamp(), now.timestamp()))
        self.path = self.path.rename(self.path.with_suffix(".settled"))
        self.release()

    def release(self) -> None:
        """Let go of the lock; an unsettled file waits for the next one who looks."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def abandoned(folder: Path) -> Iterator[Abandoned]:
    """Yield each unsettled journal whose process is gone, locked while the caller holds it."""
    for path in sorted(folder.glob("*.journal")):
        fd = _lock(path)
        if fd is None:
            continue
        found = Abandoned(path, fd)
        try:
            yield found
        finally:
            found.release()


def accounts(folder: Path, kinds: Sequence[str] = ("journal", SETTLED, RECONCILED)) -> Iterator[Account]:
    """Yield the journals kept in ``folder``; ``kinds`` are the endings of their names."""
    for path in (path for kind in kinds for path in sorted(folder.glob(f"*.{kind}"))):
        with contextlib.suppress(FileNotFoundError):  # Settled or swept while we were reading.
            yield Account(path)


def sweep(folder: Path, now: datetime) -> int:
    """Delete what was settled (or never begun) more than 14 days before ``now``; return how many files."""
    swept = 0
    for path in (path for kind in (SETTLED, RECONCILED, "new") for path in folder.glob(f"*.{kind}")):
        if path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def _lock(path: Path) -> int | None:
    """Open and lock a journal, unless its process lives or another one settled it meanwhile."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.stat(path).st_ino == os.fstat(fd).st_ino:
            return fd
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(fd)
    return None


def _read_header(line: str) -> Header:
    match = _HEADER.fullmatch(line)
    if not match:
        return Header("", "", 0, None, "")
    return Header(match[1], match[2], int(match[3]), datetime.fromisoformat(match[4]), match[5])
