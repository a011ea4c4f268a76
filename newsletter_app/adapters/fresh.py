"""A copy made by fork made like a process that was just executed, and ended as an interpreter ends."""

from __future__ import annotations

import atexit
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn, TextIO

from newsletter_app.adapters import own_command

DESCRIPTORS: Final = Path("/proc/self/fd")
# What a part writes holds addresses; a DATA_DIR made by somebody else may be open to others.
UMASK: Final = 0o077


def reset_signals(mask: Iterable[int]) -> None:
    """Give up the handlers of the process that was copied, and let signals through again as ``mask`` says."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def become(command: Sequence[str], cwd: Path, output: int) -> None:
    """Lead a session in ``cwd``, say everything to ``output``, show ``command``, hold nothing else."""
    os.setsid()
    os.umask(UMASK)
    os.chdir(cwd)
    if str(cwd) not in sys.path:
        sys.path.insert(0, str(cwd))
    os.environ["PYTHONUNBUFFERED"] = "1"
    _redirect(output)
    own_command.show(command, os.environ)
    _close_others()


def status_of(live: Callable[[], None]) -> int:
    """Do ``live`` and return the exit status of an interpreter that did so; negative is a signal."""
    try:
        live()
    except SystemExit as end:
        return _code(end)
    except BaseException as fault:
        sys.excepthook(type(fault), fault, fault.__traceback__)
        return -signal.SIGINT if isinstance(fault, KeyboardInterrupt) else 1
    return 0


def leave(status: int) -> NoReturn:
    """End this process with ``status`` after all that an interpreter does last."""
    try:
        _wait_for_threads()
        atexit._run_exitfuncs()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        if status < 0:
            signal.signal(-status, signal.SIG_DFL)
            os.kill(os.getpid(), -status)
        os._exit(status)


def _code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    print(end.code, file=sys.stderr)
    return 1


def _wait_for_threads() -> None:
    # What an interpreter calls before its exit functions; it ends the threads of executors as well.
    shut_down: Callable[[], None] = vars(threading)["_shutdown"]
    shut_down()


def _redirect(output: int) -> None:
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = _text(io.BufferedReader(io.FileIO(0, closefd=False)), sys.stdin)
    sys.stdout = _text(io.FileIO(1, "w", closefd=False), sys.stdout)
    sys.stderr = _text(io.FileIO(2, "w", closefd=False), sys.stderr)


def _text(raw: io.BufferedReader | io.FileIO, like: TextIO | None) -> TextIO:
    # As PYTHONUNBUFFERED asks: nothing said is lost with a process that is killed. A closed one is None.
    encoding, errors = (like.encoding, like.errors) if like else (None, None)
    return io.TextIOWrapper(raw, encoding, errors, write_through=True)


def _close_others() -> None:
    for entry in os.listdir(DESCRIPTORS):
        if int(entry) > 2:
            # The one that listed them has gone.
            with suppress(OSError):
                os.close(int(entry))
