"""Whether the product lives: database, broker, ticks; it tells states and ages, never secrets."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app.adapters.vitals import TICKS, broker_answers, late, tick_ages
from newsletter_app.web.database import forget, session
from newsletter_app.web.ports import ports

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer 200 while everything works, else 503; the body says which part does not."""
    broker = "ok" if broker_answers(ports().settings.redis_client_url) else "no answer"
    parts = {"database": _database(), "broker": broker}
    ages = _tick_ages() if parts["database"] == "ok" else dict.fromkeys(TICKS)
    is_well = not late(ages) and set(parts.values()) == {"ok"}
    body = {**parts, "ticks": ages, "late": late(ages), "status": "ok" if is_well else "trouble"}
    return jsonify(body), 200 if is_well else 503


def _database() -> str:
    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        forget()
        return "no answer"
    return "ok"


def _tick_ages() -> dict[str, float | None]:
    try:
        return tick_ages(session(), ports().clock())
    except SQLAlchemyError:
        forget()
        return dict.fromkeys(TICKS)
