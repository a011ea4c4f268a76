"""The ringer: jobs told to Celery, ids only; a broker in trouble costs a blink and is left alone a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from celery import Celery
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from newsletter_app.adapters.queues import QUEUES
from newsletter_app.kernel.rings import Ring

TIMEOUT_S: Final = 0.2
QUIET_S: Final = 5.0
EXPIRES_S: Final = 30

TRANSPORT_OPTIONS: Final[dict[str, Any]] = {
    "socket_timeout": TIMEOUT_S,
    "socket_connect_timeout": TIMEOUT_S,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
_log = structlog.get_logger("rings")


class CeleryRinger:
    """Hands rings to the broker without ever raising: what is not rung, the tick finds."""

    def __init__(self, broker_url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Prepare; nothing is connected before the first ring."""
        self._monotonic = monotonic
        self._quiet_until = float("-inf")
        self._app = _application(broker_url)

    def __call__(self, ring: Ring) -> None:
        """Tell the workers; after a failure no ring is tried for five seconds."""
        if self._monotonic() < self._quiet_until:
            return
        try:
            self._app.send_task(
                ring.job,
                args=list(ring.ids),
                queue=QUEUES[ring.job],
                retry=False,
                expires=EXPIRES_S,
                ignore_result=True,
            )
        except (OperationalError, KombuError, RedisError, OSError) as fault:
            self._quiet_until = self._monotonic() + QUIET_S
            _log.warning("broker_silent", job=ring.job, fault=type(fault).__name__)


def _application(broker_url: str) -> Celery:
    application = Celery("rings", broker=broker_url, set_as_current=False)
    application.conf.update(
        task_serializer="json",
        task_ignore_result=True,
        broker_transport_options=TRANSPORT_OPTIONS,
        broker_connection_timeout=TIMEOUT_S,
        broker_pool_limit=2,
    )
    return application
