"""This machine as doctor sees it: where the journals lie, room on the disk, who can read the keys."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from config import Settings
from newsletter_app.kernel.observations import Gravity, Observation

MOUNTS: Final = Path("/proc/self/mountinfo")
# What is gone with the machine or the container; a journal must outlive both.
EPHEMERAL: Final = frozenset({"tmpfs", "ramfs", "overlay", "overlayfs", "aufs"})
LEAST_FREE: Final = 256 * 1024 * 1024
LITTLE_FREE: Final = 1024 * 1024 * 1024
_OCTAL: Final = re.compile(r"\\([0-7]{3})")


def look_at_machine(settings: Settings, root: Path) -> list[Observation]:
    """Return what was found of DATA_DIR, its disk and every file that holds a secret."""
    folder = settings.data_dir
    mounts = MOUNTS.read_text(encoding="utf-8", errors="replace") if MOUNTS.exists() else ""
    return [
        judge_place(folder, filesystem_of(folder.resolve(), mounts)),
        judge_disk(folder, shutil.disk_usage(_existing(folder)).free),
        *judge_modes(secret_files(settings, root)),
    ]


def filesystem_of(path: Path, mounts: str) -> str | None:
    """Return the kind of file system that ``path`` lies on, by the text of mountinfo (proc(5)), or None.

    The longest mount point above it, and of those the last one, is the one that shows.
    """
    found: tuple[int, str] | None = None
    for line in mounts.splitlines():
        before, dash, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if not dash or len(fields) < 5 or not kind:
            continue
        point = Path(_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), fields[4]))
        if (point == path or point in path.parents) and (found is None or len(point.parts) >= found[0]):
            found = len(point.parts), kind[0]
    return found[1] if found else None


def judge_place(folder: Path, kind: str | None) -> Observation:
    """Say whether what is kept in ``folder`` outlives a restart."""
    facts = {"kind": kind or ""}
    if kind is None:
        return Observation("place-unknown", Gravity.unasked, str(folder), facts)
    code, gravity = ("place-ephemeral", Gravity.warning) if kind in EPHEMERAL else ("place-ok", Gravity.ok)
    return Observation(code, gravity, str(folder), facts)


def judge_disk(folder: Path, free: int) -> Observation:
    """Say whether the disk has room for journals and a database that grows; ``free`` in octets."""
    facts = {"free": f"{free / 2**30:.1f} GB"}
    if free < LEAST_FREE:
        return Observation("disk-full", Gravity.fault, str(folder), facts)
    if free < LITTLE_FREE:
        return Observation("disk-low", Gravity.warning, str(folder), facts)
    return Observation("disk-ok", Gravity.ok, str(folder), facts)


def secret_files(settings: Settings, root: Path) -> Iterator[Path]:
    """Yield every file that nobody else may read: keys, DKIM keys, the database, ``.env``."""
    yield from sorted(settings.data_dir.glob("keys/*"))
    yield from sorted(settings.dkim_dir.glob("*.pem"))
    yield from sorted(settings.data_dir.glob("*.sqlite3"))
    yield root / ".env"


def judge_modes(files: Iterable[Path]) -> list[Observation]:
    """Say which of these files other users can open; a folder of our own above keeps them out as well."""
    looked = [file for file in files if file.is_file()]
    opened = [file for file in looked if _is_open(file)]
    if not opened:
        return [Observation("modes-ok", Gravity.ok, f"{len(looked)} files with secrets")]
    return [_open_file(file) for file in opened]


def _open_file(file: Path) -> Observation:
    # It may hold a password, or nothing but the address of the pages.
    if file.name == ".env":
        return Observation("env-open", Gravity.warning, str(file))
    return Observation("mode-open", Gravity.fault, str(file))


def _is_open(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o077) and bool(file.parent.stat().st_mode & 0o011)


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())
