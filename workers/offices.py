"""Sending within a task: whatever goes wrong closes the office; its journal tells the next one the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from newsletter_app.ledger import Office
from newsletter_app.mail.journal import JournalFull
from workers.base import Process

_log = structlog.get_logger("office")


@contextmanager
def open_office(process: Process, kind: str) -> Iterator[Office]:
    """Give the process's office; when anything is raised it is closed, and its journal settles the claims.

    Raises JournalFull, and says in the log what to do, where the disk has no room for a journal.
    """
    try:
        yield process.office(kind)
    except BaseException as fault:
        process.close_office()
        if isinstance(fault, JournalFull):
            where = process.journals
            _log.error("journal_full", why=f"The disk of {where} is full: no mail is sent until it has room.")
        raise
