"""Whether the product lives: database, broker, ticks; it tells states and ages, never secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app import ledger
from newsletter_app.web.database import forget, session
from newsletter_app.web.ports import ports

blueprint = Blueprint("health", __name__)

TICKS: Final = ("service_tick", "bulk_tick")
LATE_AFTER: Final = timedelta(seconds=60)
BROKER_TIMEOUT_S: Final = 0.5


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer 200 while everything works, else 503; the body says which part does not."""
    parts = {"database": _database(), "broker": _broker()}
    ages = _tick_ages() if parts["database"] == "ok" else dict.fromkeys(TICKS)
    late = [name for name, age in ages.items() if age is None or age > LATE_AFTER.total_seconds()]
    is_well = not late and set(parts.values()) == {"ok"}
    body = {**parts, "ticks": ages, "late": late, "status": "ok" if is_well else "trouble"}
    return jsonify(body), 200 if is_well else 503


def _database() -> str:
    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        forget()
        return "no answer"
    return "ok"


def _broker() -> str:
    client = Redis.from_url(
        ports().settings.redis_client_url,
        socket_timeout=BROKER_TIMEOUT_S,
        socket_connect_timeout=BROKER_TIMEOUT_S,
    )
    try:
        client.ping()
    except (RedisError, OSError):
        return "no answer"
    finally:
        client.close()
    return "ok"


def _tick_ages() -> dict[str, float | None]:
    """Return the seconds since each tick, None for one that never came."""
    now = ports().clock()
    try:
        beats = {name: ledger.last_beat(session(), name) for name in TICKS}
    except SQLAlchemyError:
        forget()
        return dict.fromkeys(TICKS)
    return {name: round((now - at).total_seconds(), 1) if at else None for name, at in beats.items()}
