"""Whether the product lives: what broker and ticks show, for ``/healthz`` and ``flask doctor`` alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from newsletter_app import ledger

TICKS: Final = ("service_tick", "bulk_tick")
LATE_AFTER: Final = timedelta(seconds=60)
BROKER_TIMEOUT_S: Final = 0.5


def broker_answers(url: str) -> bool:
    """Tell whether the broker answers within half a second; ``url`` is as redis-py spells it."""
    client = Redis.from_url(url, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S)
    try:
        client.ping()
    except (RedisError, OSError):
        return False
    finally:
        client.close()
    return True


def tick_ages(session: Session, now: datetime) -> dict[str, float | None]:
    """Return the seconds since each tick, None for one that never came."""
    beats = {name: ledger.last_beat(session, name) for name in TICKS}
    return {name: round((now - at).total_seconds(), 1) if at else None for name, at in beats.items()}


def late(ages: Mapping[str, float | None]) -> list[str]:
    """Return the ticks that are late, or never came."""
    return [name for name, age in ages.items() if age is None or age > LATE_AFTER.total_seconds()]
