"""A forked part: what executing ``python -m MODULE`` does, in a copy of this process, which has the modules.

What a fresh process would have or lack, the copy has or lacks as well: signals, session, descriptors,
streams, command line, exit status. It ends here and never returns to its parent's code.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from newsletter_app.adapters import fresh, own_command
from newsletter_app.adapters.module_command import ModuleCommand


class Forked:
    """A child by fork; ``pid``, ``poll`` and ``wait`` are those of ``subprocess.Popen``."""

    def __init__(self, command: Sequence[str], cwd: Path, output: int) -> None:
        """Fork a child that does ``command`` in ``cwd`` and writes to ``output``. Raises OSError.

        ``command`` is one that ModuleCommand reads. Returns once the child leads its process group.
        """
        self._status: int | None = None
        program = ModuleCommand.read(command)

        def live() -> None:
            fresh.become(command, cwd, output)
            program.run()

        self.pid = _fork(live)

    def poll(self) -> int | None:
        """Return the exit status (negative: the signal that killed it), or None while it runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def wait(self) -> int:
        """Wait for its end and return the exit status."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._status


def is_possible() -> bool:
    """Tell whether a fork may stand for an execution: on Linux, without other threads, under its own name."""
    if sys.platform != "linux" or not fresh.DESCRIPTORS.is_dir() or threading.active_count() != 1:
        return False
    try:
        # Nobody could tell the parts from each other if this were refused to them.
        own_command.show(sys.orig_argv, os.environ)
    except (OSError, AttributeError):
        return False
    return True


def _fork(live: Callable[[], None]) -> int:
    # Text that waits in a buffer would be written by both.
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):
            stream.flush()
    waiting, ready = os.pipe()
    with open(waiting, "rb", buffering=0) as readiness:
        pid = _split(live, ready)
        # The child's own end closes with all that it has no use for, when it leads its group.
        readiness.read(1)
    return pid


def _split(live: Callable[[], None], ready: int) -> int:
    # A signal meant for the child must not reach what it has of our handlers.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _never_return(live, mask)
    finally:
        os.close(ready)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return pid


def _never_return(live: Callable[[], None], mask: set[int]) -> NoReturn:
    try:
        fresh.reset_signals(mask)
        fresh.leave(fresh.status_of(live))
    finally:
        # Only what went wrong beyond all help comes here.
        os._exit(1)
