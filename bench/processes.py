"""Processes as the kernel accounts for them: CPU time, peak memory, connections; it starts and ends none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
MS_PER_TICK: Final = 1000 / os.sysconf("SC_CLK_TCK")
ESTABLISHED: Final = "01"
# proc(5): utime, stime, cutime and cstime, counted from the field behind the program's name.
OWN: Final = slice(11, 13)
WITH_ENDED_CHILDREN: Final = slice(11, 15)


def own_cpu_ms(pids: Iterable[int]) -> float:
    """Return the user and system time of these processes in milliseconds; ended ones count nothing."""
    return sum(_ticks(pid, OWN) for pid in pids) * MS_PER_TICK


def tree_cpu_ms(root: int) -> float:
    """Return the same for ``root``, what it started and what of that has ended, in milliseconds."""
    return sum(_ticks(pid, WITH_ENDED_CHILDREN) for pid in [root, *descendants(root)]) * MS_PER_TICK


def descendants(root: int) -> list[int]:
    """Return the ids of the live processes that ``root`` started, and that those started."""
    found = []
    for pid in _children(root):
        found += [pid, *descendants(pid)]
    return found


def share_kb(pid: int) -> int:
    """Return the memory that the process holds now, shared pages divided among their holders (PSS), in kB.

    0 once it has ended.
    """
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def connections_to(port: int) -> int:
    """Return how many established IPv4 connections this machine's ``port`` has."""
    ends = f":{port:04X}"
    lines = (PROC / "net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(field[1].endswith(ends) and field[3] == ESTABLISHED for field in fields)


def filesystem_of(folder: Path) -> str:
    """Return the kind of filesystem that ``folder`` lies on, such as ext4 or tmpfs."""
    mounts = [line.split()[1:3] for line in (PROC / "mounts").read_text().splitlines()]
    above = [(place, kind) for place, kind in mounts if folder.resolve().is_relative_to(place)]
    return max(above, key=lambda mount: len(mount[0]), default=("", "unknown"))[1]


def _ticks(pid: int, fields: slice) -> int:
    with suppress(OSError):
        # The name stands in brackets and may hold anything, brackets too.
        behind_name = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return sum(map(int, behind_name[fields]))
    return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for listed in (PROC / str(pid) / "task").glob("*/children"):
        with suppress(OSError):
            found += map(int, listed.read_text().split())
    return found
