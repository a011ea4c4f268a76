"""Waiting for a condition with a deadline: the only way a test lets time pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

Found = TypeVar("Found")
POLL_S = 0.05
_BLOCKED: Final = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


def until(question: Callable[[], Found], what: str, within: float = 30, *, every: float = POLL_S) -> Found:
    """Ask until the answer is true, and return it. Fails naming ``what`` after ``within`` seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (answer := question()):
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        pause.wait(every)
    return answer


def is_blocked(watching: Session) -> bool:
    """Tell whether somebody waits for a lock on PostgreSQL; ``watching`` is a session for nothing else."""
    # What it shows of others stays as it was until a transaction ends (PostgreSQL 15, 28.2.2).
    watching.rollback()
    return bool(watching.scalar(_BLOCKED))


def until_blocked(watching: Session) -> None:
    """Wait until somebody waits for a lock on PostgreSQL; ``watching`` is a session for nothing else."""
    until(lambda: is_blocked(watching), "somebody waits for a lock")
