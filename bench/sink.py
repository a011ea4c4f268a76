"""The mail server of the benchmark: postfix's smtp-sink on loopback, which takes everything and counts it."""

from __future__ import annotations

import os
import re
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.postfix_programs import Programs
from tests.journeys.machine import free_port, listens
from tests.waiting import until

BACKLOG: Final = "1000"
TAIL: Final = 200
NOBODY: Final = ("-u", "nobody")
COUNTERS: Final = re.compile(rb"mesg=(\d+)")


@dataclass(frozen=True, slots=True)
class Sink:
    """A running smtp-sink."""

    port: int
    pid: int
    counters: Path

    def taken(self) -> int:
        """Return how many messages it has taken, by its own count."""
        with self.counters.open("rb") as lines:
            lines.seek(max(self.counters.stat().st_size - TAIL, 0))
            found = COUNTERS.findall(lines.read())
        return int(found[-1]) if found else 0

    def extensions(self) -> list[str]:
        """Return what it offers in answer to EHLO."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as smtp:
            smtp.ehlo("bench.example.ca")
            return sorted(name.upper() for name in smtp.esmtp_features)


@contextmanager
def mail_sink(programs: Programs, folder: Path) -> Iterator[Sink]:
    """Run smtp-sink until the block ends."""
    port, counters = free_port(), folder / "sink.counters"
    # It refuses to stay root.
    user = NOBODY if os.geteuid() == 0 else ()
    with counters.open("wb") as out:
        process = subprocess.Popen(
            [programs.sink, *user, "-c", f"127.0.0.1:{port}", BACKLOG],
            env={**os.environ, **programs.environment}, stdout=out, stderr=out, cwd=folder,
        )  # fmt: skip
    try:
        until(lambda: listens(port), f"smtp-sink listens; see {counters}")
        yield Sink(port, process.pid, counters)
    finally:
        process.terminate()
        process.wait(10)
