"""The Celery application: JSON with ids only, acked early, nothing kept; the database is the truth."""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_shutdown, worker_shutting_down

from config import Settings
from workers import base, logs
from workers.queues import ROUTES, SERVICE
from workers.schedule import SCHEDULE

TIMEOUT_S = 5.0
CONNECT_S = 2.0


def _configuration() -> dict[str, Any]:
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
        "task_routes": ROUTES,
        "worker_hijack_root_logger": False,
        "worker_enable_remote_control": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "beat_schedule": SCHEDULE,
        "enable_utc": True,
        "timezone": "UTC",
    }


app = Celery("newsletter", include=["workers.service_tasks", "workers.bulk_tasks"])
app.add_defaults(_configuration)


def _set_up_logging(loglevel: int = 20, **_rest: object) -> None:
    logs.set_up(loglevel)


def _begin(**_rest: object) -> None:
    base.begin()


def _stop(**_rest: object) -> None:
    base.ask_to_stop()


def _end(**_rest: object) -> None:
    base.end()


setup_logging.connect(_set_up_logging)
worker_process_init.connect(_begin)
worker_shutting_down.connect(_stop)
worker_shutdown.connect(_end)
