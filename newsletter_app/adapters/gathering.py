"""Rings gathered: the first of a burst leaves at once, those that follow within a moment leave as one.

No ring is swallowed: after the last one of a burst there is always one that leaves later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Timer
from typing import Final

from newsletter_app.kernel.rings import Ring, Ringer

EVERY_S: Final = 0.1
MOST_REMEMBERED: Final = 64

Later = Callable[[float, Callable[[], None]], None]


def in_a_thread(wait_s: float, act: Callable[[], None]) -> None:
    """Do ``act`` after ``wait_s`` seconds; the interpreter does not end before."""
    Timer(wait_s, act).start()


class GatheringRinger:
    """Hands each ring on at most ten times a second; safe to use from many threads."""

    def __init__(
        self, ringer: Ringer, *, later: Later = in_a_thread, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Gather what goes to ``ringer``."""
        self._ringer = ringer
        self._later = later
        self._monotonic = monotonic
        self._lock = Lock()
        self._rung: dict[Ring, float] = {}
        self._waiting: set[Ring] = set()

    def __call__(self, ring: Ring) -> None:
        """Ring now, or with others soon."""
        wait_s = self._wait_of(ring)
        if wait_s == 0:
            self._ringer(ring)
        elif wait_s is not None:
            self._ring_later(ring, wait_s)

    def _wait_of(self, ring: Ring) -> float | None:
        """Return how long this ring has to wait, or None when one that waits will do for it."""
        with self._lock:
            if ring in self._waiting:
                return None
            now = self._monotonic()
            rung_at = self._rung.get(ring)
            if rung_at is None or now - rung_at >= EVERY_S:
                self._note(ring, now)
                return 0
            self._waiting.add(ring)
            return rung_at + EVERY_S - now

    def _ring_later(self, ring: Ring, wait_s: float) -> None:
        try:
            self._later(wait_s, lambda: self._ring_waiting(ring))
        except RuntimeError:
            # No thread can be had, as when the interpreter is about to end.
            self._ring_waiting(ring)

    def _ring_waiting(self, ring: Ring) -> None:
        # Taken off before it leaves, since it may come too early for what is committed from now on.
        with self._lock:
            self._waiting.discard(ring)
            self._note(ring, self._monotonic())
        self._ringer(ring)

    def _note(self, ring: Ring, now: float) -> None:
        if len(self._rung) >= MOST_REMEMBERED:
            self._rung = {known: at for known, at in self._rung.items() if now - at < EVERY_S}
        self._rung[ring] = now
