"""Which queue a job waits in: ``service`` and ``bulk`` have worker processes of their own."""

from __future__ import annotations

from typing import Final

from newsletter_app.adapters.celery_ring import BULK, QUEUES, SERVICE

ROUTES: Final = {job: {"queue": queue} for job, queue in QUEUES.items()}

__all__ = ["BULK", "QUEUES", "ROUTES", "SERVICE"]
