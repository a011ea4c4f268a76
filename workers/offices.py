"""Sending within a task: whatever goes wrong closes the office; its journal tells the next one the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from newsletter_app.ledger import Office
from workers.base import Process


@contextmanager
def open_office(process: Process, kind: str) -> Iterator[Office]:
    """Give the process's office; when anything is raised it is closed, and its journal settles the claims."""
    office = process.office(kind)
    try:
        yield office
    except BaseException:
        process.close_office()
        raise
