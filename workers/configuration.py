"""How Celery is set up, for workers and beat: JSON with ids only, acked early, nothing kept."""

from __future__ import annotations

from typing import Any, Final

from config import Settings
from newsletter_app.adapters.queues import QUEUES, SERVICE
from workers.schedule import SCHEDULE

TIMEOUT_S: Final = 5.0
CONNECT_S: Final = 2.0


def configuration() -> dict[str, Any]:
    """Return Celery's settings; asked for when Celery needs them, so that importing reads no environment."""
    settings = Settings.from_env()
    return {
        "broker_url": settings.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": CONNECT_S},
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        # Early acks and the tick: a task that comes back by itself can only come back at a bad moment.
        "task_acks_late": False,
        "task_publish_retry": False,
        # No limit: a solo worker reads its next task only when it is idle, and a task whose acknowledgement
        # died with the broker counts against a limit for ever. Two would leave the worker alive and deaf.
        "worker_prefetch_multiplier": 0,
        "task_default_queue": SERVICE,
        "task_routes": {job: {"queue": queue} for job, queue in QUEUES.items()},
        "worker_hijack_root_logger": False,
        "worker_enable_remote_control": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "beat_schedule": SCHEDULE,
        "enable_utc": True,
        "timezone": "UTC",
    }
