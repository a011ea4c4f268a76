"""The engine judged: schema, ticks, clocks, broker and pace, each by a table."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from newsletter_app.cli.doctor.engine import (
    judge_broker,
    judge_clock,
    judge_pace,
    judge_schema,
    judge_ticks,
    look_at_schema,
)
from newsletter_app.pace import Limits
from tests.architecture.source import PRODUCT

MIGRATIONS = str(PRODUCT / "migrations")
SCRIPTS = ScriptDirectory(MIGRATIONS)


@pytest.mark.parametrize(
    ("current", "code"),
    [
        (SCRIPTS.get_current_head(), "schema-ok"),
        (None, "schema-behind"),
        ("0003", "schema-behind"),
        ("9999", "schema-ahead"),
    ],
)
def test_the_schema_is_up_to_date_or_not(current: str | None, code: str) -> None:
    assert judge_schema(current, SCRIPTS).code == code


def test_to_look_makes_no_database(tmp_path: Path) -> None:
    found = look_at_schema(create_engine(f"sqlite:///{tmp_path / 'none.db'}"), MIGRATIONS)
    assert (found.code, list(tmp_path.iterdir())) == ("schema-behind", [])


def test_a_database_that_does_not_answer_is_told() -> None:
    silent = create_engine("postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    found = look_at_schema(silent, MIGRATIONS)
    assert found.code == "database-silent"
    assert "secret" not in found.facts["said"]


@pytest.mark.parametrize(
    ("age", "code", "gravity"),
    [
        (None, "tick-never", "warning"),
        (2.0, "tick-ok", "ok"),
        (60.0, "tick-ok", "ok"),
        (60.1, "tick-late", "fault"),
        (-3.0, "tick-ok", "ok"),
        (-3600.0, "clock-went-back", "warning"),
    ],
)
def test_a_tick_in_time_late_and_from_the_future(age: float | None, code: str, gravity: str) -> None:
    [found] = judge_ticks({"bulk_tick": age})
    assert (found.code, found.gravity) == (code, gravity)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(0, "clock-ok"), (5, "clock-ok"), (-6, "clock-off"), (300, "clock-off"), (-301, "clock-far-off")],
)
def test_clocks_that_differ(seconds: int, code: str) -> None:
    assert judge_clock(timedelta(seconds=seconds)).code == code


@pytest.mark.parametrize(
    ("answers", "has_run", "gravity"), [(True, True, "ok"), (False, True, "fault"), (False, False, "warning")]
)
def test_a_broker_that_is_silent(answers: bool, has_run: bool, gravity: str) -> None:
    assert judge_broker(answers, has_run=has_run).gravity == gravity


NONE = Limits(overall=None, servers={}, domains={}, warm_ups={})
ONE = Limits(overall=Decimal(20), servers={}, domains={}, warm_ups={})


@pytest.mark.parametrize(
    ("limits", "broker", "code"),
    [(NONE, False, "pace-free"), (ONE, True, "pace-ok"), (ONE, False, "pace-silent")],
)
def test_a_pace_that_nobody_keeps(limits: Limits, broker: bool, code: str) -> None:
    assert judge_pace(limits, broker=broker, has_run=True).code == code


def test_before_the_first_start_a_silent_broker_is_no_fault() -> None:
    assert judge_pace(ONE, broker=False, has_run=False).gravity == "warning"
