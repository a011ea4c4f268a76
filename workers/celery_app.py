"""The Celery application: JSON with ids only, acked early, nothing kept; the database is the truth."""

from __future__ import annotations

from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_shutdown, worker_shutting_down

from workers import base, logs
from workers.configuration import configuration

app = Celery("newsletter", include=["workers.service_tasks", "workers.bulk_tasks"])
app.add_defaults(configuration)


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
