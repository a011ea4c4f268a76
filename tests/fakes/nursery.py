"""Processes of their own for the fake SMTP server, forked by one that has it in memory.

A test wants a server that it can kill, a hundred tests want one each, and Python's start costs each of them
ten times what the server itself does. Every process of tests has one such parent; it ends with them.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NoReturn

from tests.fakes import smtp_program

ROOT = Path(__file__).parents[2]
ENTRUSTED_FD = 0
LONGEST_WISH = 65536


class Child:
    """A server's process, which leads its own group; it is nobody's zombie when it has ended."""

    def __init__(self, arguments: list[str]) -> None:
        """Start it; ``arguments`` are its command line's. Its output is read with ``line``."""
        reading, writing = os.pipe()
        self._output = open(reading, encoding="utf-8")  # noqa: SIM115 - closed by ``wait``.
        nursery = _nursery()
        socket.send_fds(nursery, [json.dumps(arguments).encode()], [writing])
        os.close(writing)
        number, (self._handle, *_), _, _ = socket.recv_fds(nursery, 32, 1)
        self.pid = int(number)

    def line(self) -> str:
        """Return the next line of its output, or nothing when it has ended."""
        return self._output.readline()

    def runs(self) -> bool:
        """Tell whether it has not ended yet."""
        return self._handle >= 0 and not select.select([self._handle], [], [], 0)[0]

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.runs():
            signal.pidfd_send_signal(self._handle, number)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; return whether it did."""
        if not select.select([self._handle], [], [], seconds)[0]:
            return False
        os.close(self._handle)
        self._output.close()
        self._handle = -1
        return True


@cache
def _nursery() -> socket.socket:
    """Start this process's nursery and return the way to it."""
    ours, its = socket.socketpair()
    process = subprocess.Popen([sys.executable, "-m", __name__], cwd=ROOT, stdin=its, start_new_session=True)
    its.close()

    def leave() -> None:
        ours.close()
        process.wait()

    atexit.register(leave)
    return ours


def live() -> None:
    """Fork a server for every wish that comes, until nobody is left to wish."""
    # Who has ended is gone at once, and nobody needs to ask for its status.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=ENTRUSTED_FD) as parent:
        while True:
            wish, outputs, _, _ = socket.recv_fds(parent, LONGEST_WISH, 1)
            if not wish:
                return
            number = os.fork()
            if number == 0:
                _become_server(json.loads(wish), outputs[0])
            handle = os.pidfd_open(number)
            socket.send_fds(parent, [str(number).encode()], [handle])
            for used in (handle, *outputs):
                os.close(used)


def _become_server(arguments: list[str], output: int) -> NoReturn:
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(output, sys.stdout.fileno())
        os.close(output)
        os.close(ENTRUSTED_FD)
        asyncio.run(smtp_program.serve(smtp_program.parse(arguments)))
    finally:
        os._exit(0)


if __name__ == "__main__":
    live()
