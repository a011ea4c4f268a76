"""What journals say after a crash, read from files that may be torn; writes nothing into them.

Whoever takes a dead process's lock may settle its file (see ``journal`` for its lines).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from newsletter_app.mail.journal import CHUNK, Header
from newsletter_app.mail.replies import Reply

KEPT: Final = timedelta(days=14)
SETTLED: Final = "settled"  # A database has recorded what it says.
RECONCILED: Final = "reconciled"  # A restored database has learned from it.
TAIL: Final = 2 * CHUNK  # Octets at the end that surely hold a line, and claims only rise.

_HEADER: Final = re.compile(r"journal 1 host=(\S+) boot=(\S+) pid=(\d+) started=(\S+) sender=(\S+)")
_HANDING: Final = re.compile(r"handing (\S+) (\d+)")
_REPLIED: Final = re.compile(r"replied (\S+) (\d+) (\d{3}) (\S+) (.*)")
_RECORDED: Final = re.compile(r"recorded (\d+)")
_CLAIM: Final = re.compile(r"(?:handing \S+|replied \S+|recorded) (\d+)")


@dataclass(frozen=True, slots=True)
class Handed:
    """The final dot may have left and no reply was written: the message's fate is uncertain (RFC 1047)."""


Fates = dict[tuple[str, int], Handed | Reply]


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
