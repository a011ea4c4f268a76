"""The Celery application of beat alone: it rings every two seconds and knows no task, so it is small."""

from __future__ import annotations

from celery import Celery
from celery.signals import setup_logging

from workers import logs
from workers.configuration import configuration

app = Celery("newsletter")
app.add_defaults(configuration)


def _set_up_logging(loglevel: int = 20, **_rest: object) -> None:
    logs.set_up(loglevel)


setup_logging.connect(_set_up_logging)
