"""/healthz: what works and what does not, without a word about anybody."""

from __future__ import annotations

from sqlalchemy import text

from newsletter_app import ledger
from tests.web.conftest import World


def beat(world: World) -> None:
    """Let both ticks come."""
    with world.write() as session:
        for name in ("service_tick", "bulk_tick"):
            ledger.beat(session, name, world.clock())


def test_missing_broker_and_ticks_are_told(world: World) -> None:
    answer = world.get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "trouble",
        "database": "ok",
        "broker": "no answer",
        "ticks": {"service_tick": None, "bulk_tick": None},
        "late": ["service_tick", "bulk_tick"],
    }


def test_ages_of_ticks_are_told(world: World) -> None:
    beat(world)
    world.clock.forward(seconds=59)
    answer = world.get("/healthz").json
    assert answer is not None
    assert (answer["ticks"]["bulk_tick"], answer["late"]) == (59.0, [])
    world.clock.forward(seconds=2)
    later = world.get("/healthz").json
    assert later is not None
    assert later["late"] == ["service_tick", "bulk_tick"]


def test_database_in_trouble_is_told(world: World) -> None:
    with world.write() as session:
        session.execute(text("DROP TABLE heartbeats"))
    answer = world.get("/healthz")
    assert answer.status_code == 503
    assert "sqlite" not in answer.text
