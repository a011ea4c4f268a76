"""Hosts of a chaos round: one machine's worth of processes each, and what their supervisors bear."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.journeys.machine import BEAT, ROOT, Machine

# The supervisor gives up at the fifth death of a process within half a minute.
DEATHS, WITHIN_S = 4, 31.0
NAME = re.compile(r" -n ([\w-]+)@")
BROKER = "broker"


class Process(NamedTuple):
    """A process of the product: where it runs, its id, and how its launcher calls it."""

    host: Host
    id: int
    name: str


@dataclass(eq=False)
class Host:
    """One machine's worth of processes, with its own DATA_DIR, and when which of them died."""

    machine: Machine
    options: tuple[str, ...]
    deaths: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=DEATHS)))

    def start(self) -> None:
        """Start its launcher; whoever died before is forgotten."""
        self.deaths.clear()
        self.machine.launch(*self.options)

    def may_lose(self, name: str) -> bool:
        """Tell whether its supervisor bears another death of this process."""
        died = self.deaths[name]
        return len(died) < DEATHS or time.monotonic() - died[0] > WITHIN_S

    def lost(self, name: str) -> None:
        """Remember that this process dies now."""
        self.deaths[name].append(time.monotonic())

    def processes(self, mark: str) -> list[Process]:
        """Return the living processes with ``mark`` in their command line, in the order of their names."""
        lines = {id_: line for id_, line in self.machine.processes().items() if mark in line}
        found = [Process(self, id_, _name(line, mark)) for id_, line in lines.items()]
        return sorted(found, key=lambda process: (process.name, process.id))


@contextmanager
def second_beat(host: Host) -> Iterator[None]:
    """Run another beat beside the launcher's, and kill it at the end."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "workers.beat_app", "beat"]
    # The same folder in other letters, so that it is not found among the launcher's own.
    environment = host.machine.environment | {"DATA_DIR": f"{host.machine.environment['DATA_DIR']}/."}
    with host.machine.log.open("ab") as log:
        beat = subprocess.Popen(
            [*command, "-S", f"{BEAT}Scheduler", "--loglevel", "WARNING"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        beat.kill()
        beat.wait()


def send_signal(processes: Iterable[Process], number: signal.Signals) -> None:
    """Send a signal to each of these processes that still lives."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.id, number)


def _name(line: str, otherwise: str) -> str:
    found = NAME.search(line)
    return found[1] if found else otherwise
