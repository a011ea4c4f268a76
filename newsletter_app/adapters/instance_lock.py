"""The lock of a running installation: one holder per part and DATA_DIR, for as long as any of it lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PARTS: Final = ("broker", "web", "service", "bulk", "beat", "feedback")


class AlreadyRunning(Exception):
    """Another process holds the lock; the text is one sentence that says which and what to do."""


class InstanceLock:
    """Holds ``DATA_DIR/run/<part>.lock`` for each part, until closed by its last holder.

    The kernel frees a lock when its last open descriptor closes, so a stale one cannot exist.
    Descriptors handed on (``descriptors``) keep it beyond the death of this process.
    """

    def __init__(self, data_dir: Path, parts: Iterable[str] = PARTS) -> None:
        """Take every lock or none. Raises AlreadyRunning, or OSError when the folder cannot be written."""
        self.descriptors: list[int] = []
        folder = data_dir / "run"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            for part in parts:
                self.descriptors.append(_take(folder / f"{part}.lock"))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the locks back."""
        while self.descriptors:
            os.close(self.descriptors.pop())


def holder(data_dir: Path, part: str = "web") -> int | None:
    """Return the process that runs ``part`` of this installation, or None when nothing holds its lock."""
    try:
        InstanceLock(data_dir, [part]).close()
    except AlreadyRunning:
        return _written_pid(data_dir / "run" / f"{part}.lock")
    return None


def _take(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
    except BlockingIOError:
        os.close(descriptor)
        raise AlreadyRunning(_who_holds(path)) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _who_holds(path: Path) -> str:
    pid = _written_pid(path)
    if pid is not None and _is_alive(pid):
        return f"It is already running on {path.parent.parent} (process {pid}): stop that one first."
    return f"The last run on {path.parent.parent} is still stopping: try again in ten seconds."


def _written_pid(path: Path) -> int | None:
    text = path.read_text(encoding="ascii").strip()
    return int(text) if text.isdecimal() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
