"""Waiting for a condition with a deadline: the only way a test lets time pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
POLL_S = 0.05


def until(question: Callable[[], Found], what: str, within: float = 30, *, every: float = POLL_S) -> Found:
    """Ask until the answer is true, and return it. Fails naming ``what`` after ``within`` seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (answer := question()):
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        pause.wait(every)
    return answer
