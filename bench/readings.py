"""Readings of what the parts have used so far, and what one measured stretch used; it decides nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench import processes
from bench.installation import Installation


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU time in milliseconds by part since each started, the sink's count, and the time in seconds."""

    at: float
    cpu: dict[str, float]
    taken: int

    def since(self, before: Reading) -> Reading:
        """Return what was used between ``before`` and this; ``at`` becomes the seconds in between."""
        used = {part: after - before.cpu[part] for part, after in self.cpu.items()}
        return Reading(self.at - before.at, used, self.taken - before.taken)


class Meter:
    """The processes that run when it is made, and what they have used."""

    def __init__(self, installation: Installation) -> None:
        """Find them; a process that is started later is not counted (see ``is_whole``)."""
        self._installation = installation
        self.running = installation.processes()
        self._postmaster = installation.database_process()

    def read(self) -> Reading:
        """Read the product's parts, "database" (0 in SQLite), "sink", and "own", which is us."""
        cpu = {part: processes.own_cpu_ms(pids) for part, pids in self.running.items()}
        cpu["database"] = processes.tree_cpu_ms(self._postmaster) if self._postmaster else 0.0
        cpu["sink"] = processes.own_cpu_ms([self._installation.sink.pid])
        cpu["own"] = time.process_time() * 1000
        return Reading(time.monotonic(), cpu, self._installation.sink.taken())

    def is_whole(self) -> bool:
        """Tell whether the processes are still those it knows."""
        return self._installation.processes() == self.running
