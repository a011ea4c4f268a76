"""A started program with its output, and the supervisor's end of the lifeline; it decides nothing."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, Protocol

from newsletter_app.adapters import lifeline
from newsletter_app.adapters.fresh import UMASK
from newsletter_app.adapters.lifeline import signal_group

LONGEST_LINE: Final = 8192
# Whoever left the group with our pipe in hand was not killed, and is not waited for any longer.
ENDING_S: Final = 2.0
Write = Callable[[str], None]


class Process(Protocol):
    """A child, as ``subprocess.Popen`` and ``Forked`` show it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""

    def wait(self) -> int:
        """Wait for its end and return the exit status."""


Begin = Callable[[Sequence[str], Path, int], Process]


def execute(command: Sequence[str], cwd: Path, output: int) -> Process:
    """Execute ``command`` in ``cwd``, in a session of its own; it says all to ``output``. Raises OSError."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=UMASK,
    )


class Running:
    """A running program in a session, hence a process group, of its own; ``write`` gets its lines."""

    def __init__(self, command: Sequence[str], cwd: Path, write: Write, begin: Begin = execute) -> None:
        """Start ``command`` by ``begin``. Raises OSError when it cannot be run."""
        reading, writing = os.pipe()
        self._output = open(reading, "rb", buffering=0)  # noqa: SIM115 - closed by ``close_output``.
        self._write = write
        self._partial = b""
        try:
            self._process = begin(command, cwd, writing)
        except OSError:
            self._output.close()
            raise
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        self.group = self._process.pid

    def fileno(self) -> int:
        """Return the descriptor to wait on for output."""
        return self._output.fileno()

    def ended(self) -> bool:
        """Tell whether the program itself has ended (what it started may live on)."""
        return self._process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and all that it started."""
        signal_group(self.group, number)

    def read(self) -> bool:
        """Pass on every whole line said so far; tell whether more may come."""
        while (chunk := self._output.read(65536)) is not None:
            if not chunk:
                return False
            *lines, self._partial = (self._partial + chunk).split(b"\n")
            for line in lines:
                self._write(line.decode(errors="replace"))
            if len(self._partial) > LONGEST_LINE:
                self._say_rest()
        return True

    def bury(self) -> int:
        """End what is left of the group, pass on its last words, and return the program's exit status."""
        # What the program started and left behind would hold its port.
        self.signal(signal.SIGKILL)
        status = self._process.wait()
        self._hear_out()
        self._say_rest()
        self._output.close()
        return status

    def _hear_out(self) -> None:
        """Pass on all until nobody is left to say more: what is killed holds its port until it has ended."""
        deadline = time.monotonic() + ENDING_S
        while self.read() and (left := deadline - time.monotonic()) > 0:
            select.select([self._output], [], [], left)

    def _say_rest(self) -> None:
        if self._partial:
            self._write(self._partial.decode(errors="replace"))
            self._partial = b""


class Lifeline:
    """The process of ``lifeline.py`` and what it is to be told; started anew should it die."""

    def __init__(self, keep_open: Sequence[int]) -> None:
        """Start it; it inherits the descriptors ``keep_open`` and holds them until all groups have ended."""
        self._keep_open = tuple(keep_open)
        self._begin()

    def add(self, group: int) -> None:
        """Have ``group`` ended when this process dies."""
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        """Forget ``group``, which has ended."""
        self._tell(f"-{group}\n")

    def tend(self, groups: Iterable[int]) -> None:
        """Start another, told of ``groups``, if the process has died."""
        if self._process.poll() is not None:
            self._pipe.close()
            self._begin()
            for group in groups:
                self.add(group)

    def close(self) -> None:
        """Let it end."""
        self._pipe.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        # If it has just died, ``tend`` starts another and tells it of every group.
        with suppress(BrokenPipeError):
            self._pipe.write(line.encode())

    def _begin(self) -> None:
        reading, writing = os.pipe()
        with closing(open(reading, "rb", buffering=0)) as its_end:
            self._pipe = open(writing, "wb", buffering=0)  # noqa: SIM115 - closed by ``close``.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", lifeline.__file__],
                stdin=its_end,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=self._keep_open,
            )
