"""The supervisor: starts children, restarts those that die, stops all in order; what they do is theirs."""

from __future__ import annotations

import math
import os
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final, TextIO

from newsletter_app.adapters.forked import Forked
from newsletter_app.adapters.running import Lifeline, Running, execute

STOP_S: Final = 12.0
STOP_LAST_S: Final = 2.0
DEATHS_ALLOWED: Final = 5
WINDOW_S: Final = 30.0
PAUSES_S: Final = (0.0, 0.5, 1.0, 2.0)
TURN_S: Final = 0.2


class GaveUp(Exception):
    """A child cannot be kept alive; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Child:
    """A program to keep alive; ``last`` marks the one that the others lean on, which stops after them.

    A ``forked`` one may be made by fork; its command is one that ``ModuleCommand`` reads.
    """

    name: str
    command: Sequence[str]
    last: bool = False
    forked: bool = False


@dataclass(slots=True)
class _Kept:
    """A child with what is known of its life so far; ``due`` is when it may start again."""

    child: Child
    running: Running | None = None
    due: float = 0.0
    deaths: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))


class Supervisor:
    """Keeps children alive until ``stop``; one thread, which must call ``turn`` again and again.

    Children run in sessions of their own, so that the terminal's Ctrl-C reaches only the
    supervisor, which then stops them in order. The lifeline ends them if the supervisor is killed.
    """

    def __init__(self, *, cwd: Path, out: TextIO, keep_open: Sequence[int] = ()) -> None:
        """Start with no child; output goes to ``out``, ``keep_open`` descriptors live on in the lifeline."""
        self._cwd = cwd
        self._out: TextIO | None = out
        self._kept: list[_Kept] = []
        self._selector = selectors.DefaultSelector()
        self._lifeline = Lifeline(keep_open)
        self._had_terminal = _has_terminal()
        self._reload_asked = False
        self._bell, self._clapper = socket.socketpair()
        for end in (self._bell, self._clapper):
            end.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        self.stop_asked = False
        # Set once this process has imported what the forked children need, for as long as that is new.
        self.may_fork = False

    def obey_signals(self) -> None:
        """Let SIGTERM and SIGINT ask to stop, SIGHUP to reload (or to stop, when the terminal has gone)."""
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_hangup)
        # A child that ends, like any signal, ends the wait of a turn at once.
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._clapper.fileno(), warn_on_full_buffer=False)

    def start(self, *children: Child) -> None:
        """Start ``children`` and keep them alive from now on. Raises GaveUp when one cannot be run."""
        for child in children:
            kept = _Kept(child)
            self._kept.append(kept)
            kept.running = self._begin(child)

    def run(self, child: Child) -> int:
        """Run ``child`` to its end, once, and return its exit status; a stop asked meanwhile ends it."""
        running = self._begin(child)
        while not running.ended() and not self.stop_asked:
            self.turn()
        self._end([running], time.monotonic() + STOP_S)
        return self._bury(running)

    def turn(self) -> None:
        """Wait a moment, pass output on, restart who died. Raises GaveUp."""
        self._pass_on(self._pause())
        self._lifeline.tend(kept.running.group for kept in self._kept if kept.running)
        for kept in self._kept:
            if kept.running is None and time.monotonic() >= kept.due:
                kept.running = self._begin(kept.child)
            elif kept.running is not None and kept.running.ended():
                self._mourn(kept, self._bury(kept.running))
        if self._reload_asked and not self.stop_asked:
            self._reload_asked = False
            self._reload()

    def watch(self) -> None:
        """Take turns until a stop is asked. Raises GaveUp."""
        while not self.stop_asked:
            self.turn()

    def stop(self) -> None:
        """Stop every child, those marked ``last`` after the others, within 12 seconds; none is left."""
        deadline = time.monotonic() + STOP_S
        last = [kept for kept in self._kept if kept.child.last]
        self._stop([kept for kept in self._kept if not kept.child.last], deadline - STOP_LAST_S)
        self._stop(last, deadline)
        self._kept.clear()
        self._lifeline.close()
        signal.set_wakeup_fd(-1)
        for end in (self._selector, self._bell, self._clapper):
            end.close()

    def say(self, text: str) -> None:
        """Write one line of the supervisor's own."""
        # A reader that went away (a closed terminal, `| head`) must not take the product down.
        if self._out is None:
            return
        try:
            self._out.write(f"{text}\n")
            self._out.flush()
        except OSError:
            self._out = None

    def _begin(self, child: Child) -> Running:
        begin = Forked if child.forked and self.may_fork else execute
        try:
            running = Running(child.command, self._cwd, partial(self._say_for, child.name), begin)
        except OSError as fault:
            raise GaveUp(f"The {child.name} process cannot be run: {fault}.") from fault
        self._lifeline.add(running.group)
        self._selector.register(running, selectors.EVENT_READ)
        return running

    def _bury(self, running: Running) -> int:
        self._unregister(running)
        self._lifeline.remove(running.group)
        return running.bury()

    def _mourn(self, kept: _Kept, status: int) -> None:
        now = time.monotonic()
        kept.running = None
        kept.deaths.append((now, status))
        recent = [status for at, status in kept.deaths if now - at <= WINDOW_S]
        # Whoever kills it, an operator or a kernel short of memory, is no fault of its own.
        faults = len(recent) - recent.count(-signal.SIGKILL)
        if faults >= DEATHS_ALLOWED:
            raise GaveUp(
                f"The {kept.child.name} process ended {faults} times within {WINDOW_S:.0f} seconds"
                " (its own words stand above): mend the cause, then start again."
            )
        kept.due = now + PAUSES_S[min(len(recent), len(PAUSES_S)) - 1]
        self.say(f"The {kept.child.name} process ended ({_in_words(status)}); it is started again.")

    def _reload(self) -> None:
        self.say("The processes start anew.")
        # They are to run what lies on the disk now; this process has what lay there when it began.
        self.may_fork = False
        some = [kept for kept in self._kept if not kept.child.last]
        self._stop(some, time.monotonic() + STOP_S)
        for kept in some:
            kept.running = self._begin(kept.child)

    def _stop(self, some: Sequence[_Kept], deadline: float) -> None:
        self._end([kept.running for kept in some if kept.running], deadline)
        for kept in some:
            if kept.running is not None:
                self._bury(kept.running)
                kept.running = None

    def _end(self, some: Sequence[Running], deadline: float) -> None:
        """Ask every one to stop and wait until all have, or until ``deadline``; burying ends the rest."""
        for running in some:
            running.signal(signal.SIGTERM)
        while time.monotonic() < deadline and not all(running.ended() for running in some):
            self._pass_on(0.05)

    def _pause(self) -> float:
        """Return how long a turn may wait: less when a child is due before."""
        due = min((kept.due for kept in self._kept if kept.running is None), default=math.inf)
        return min(TURN_S, max(0.0, due - time.monotonic()))

    def _pass_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            speaker = key.fileobj
            if speaker is self._bell:
                self._bell.recv(4096)
            elif isinstance(speaker, Running) and not speaker.read():
                self._unregister(speaker)

    def _unregister(self, running: Running) -> None:
        if running in (key.fileobj for key in self._selector.get_map().values()):
            self._selector.unregister(running)

    def _say_for(self, name: str, line: str) -> None:
        self.say(f"{name:<8}| {line}")

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_asked = True

    def _on_hangup(self, _number: int, _frame: FrameType | None) -> None:
        if self._had_terminal and not _has_terminal():
            self.stop_asked = True
        else:
            self._reload_asked = True


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _in_words(status: int) -> str:
    return f"killed by signal {-status}" if status < 0 else f"status {status}"
