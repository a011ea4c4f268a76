"""Counts of events by what they share (an address, a network), all of an event in one question to Redis.

While Redis does not answer, each process counts for itself: a form must neither fail then nor stand open.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

SCRIPT: Final = Path(__file__).with_suffix(".lua").read_text()
TIMEOUT_S: Final = 0.2
QUIET_S: Final = 5.0
# The braces keep all keys on one node of a cluster, where one script may hold them together.
PREFIX: Final = "{counts}"
MOST_REMEMBERED: Final = 50_000

_log = structlog.get_logger("counts")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many events under ``key`` within a window, which begins with the first of them."""

    key: str
    most: int
    seconds: int


class Counts:
    """Counts events in Redis, or in this process while Redis does not answer; connects at the first one."""

    def __init__(self, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Prepare for the server at ``url``, as redis-py spells it."""
        # No retry: a visitor waits for the answer.
        self._redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
        )
        self._script = self._redis.register_script(SCRIPT)
        self._monotonic = monotonic
        self._quiet_until = float("-inf")
        self._own = _OwnCounts(monotonic)

    def count(self, limits: Sequence[Limit]) -> bool:
        """Count one event under each of ``limits`` in turn; False at the first that is full.

        Those after it are not touched: what is refused uses nothing up that others share.
        """
        if self._monotonic() >= self._quiet_until:
            try:
                return self._ask(limits)
            except (RedisError, OSError) as fault:
                self._quiet_until = self._monotonic() + QUIET_S
                _log.warning("counts_silent", fault=type(fault).__name__)
        return self._own.count(limits)

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()

    def _ask(self, limits: Sequence[Limit]) -> bool:
        keys = [f"{PREFIX}:{limit.key}" for limit in limits]
        sizes = [number for limit in limits for number in (limit.most, limit.seconds)]
        return bool(self._script(keys=keys, args=sizes))


class _OwnCounts:
    """The same counts, kept by one process and known to no other."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._windows: dict[str, tuple[int, float]] = {}

    def count(self, limits: Sequence[Limit]) -> bool:
        with self._lock:
            now = self._monotonic()
            self._forget_ended(now)
            return all(self._raise(limit, now) <= limit.most for limit in limits)

    def _raise(self, limit: Limit, now: float) -> int:
        count, ends_at = self._windows.get(limit.key, (0, now + limit.seconds))
        if now >= ends_at:
            count, ends_at = 0, now + limit.seconds
        self._windows[limit.key] = (count + 1, ends_at)
        return count + 1

    def _forget_ended(self, now: float) -> None:
        if len(self._windows) < MOST_REMEMBERED:
            return
        self._windows = {key: window for key, window in self._windows.items() if now < window[1]}
        if len(self._windows) >= MOST_REMEMBERED:
            # From so many places no count tells anything; memory is what is left to save.
            self._windows.clear()
