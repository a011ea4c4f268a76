"""The decisions about signups and subscriptions, by tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.subscriptions.rules import (
    Blocked,
    Decision,
    Facts,
    can_restart,
    can_undo,
    confirm_state,
    decide,
    may_start,
)

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, C = 1, 2, 3
NONE: frozenset[int] = frozenset()


def some(*ids: int) -> frozenset[int]:
    """Return a set of notices."""
    return frozenset(ids)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts("subscribe", some(A, B)), Decision("new", "confirm", some(A, B))),
        (Facts("subscribe", NONE), Decision("gone", None)),
        (Facts("subscribe", some(A), known=True, pending=some(A)), Decision("pending", "confirm", some(A))),
        (Facts("subscribe", some(B), known=True, pending=some(A)), Decision("pending", "confirm", some(B))),
        (Facts("subscribe", some(A), known=True, ended=some(A)), Decision("ended", "confirm", some(A))),
        (
            Facts("subscribe", some(A), known=True, ended=some(A), pending=some(B)),
            Decision("pending", "confirm", some(A)),
        ),
        (Facts("subscribe", some(A), known=True, active=some(A)), Decision("active", "already", NONE)),
        (Facts("subscribe", some(A, B), known=True, active=some(A)), Decision("active", "already", some(B))),
        (
            Facts("subscribe", some(B, C), known=True, active=some(A), ended=some(B), pending=some(C)),
            Decision("active", "already", some(B, C)),
        ),
        (Facts("link", NONE), Decision("unknown", "unknown")),
        (Facts("link", NONE, known=True, pending=some(A)), Decision("pending", "confirm")),
        (Facts("link", NONE, known=True, ended=some(A)), Decision("link", "link")),
        (Facts("link", NONE, known=True, active=some(A)), Decision("link", "link")),
        (Facts("link", NONE, known=True, active=some(A), blocked="all"), Decision("suppressed", None)),
        (Facts("link", NONE, known=True, active=some(A), blocked="complained"), Decision("complained", None)),
        (Facts("subscribe", some(A), blocked="complained"), Decision("complained", None)),
        (Facts("subscribe", some(A), blocked="all"), Decision("suppressed", None)),
    ],
)
def test_decisions(facts: Facts, expected: Decision) -> None:
    assert decide(facts) == expected


NOTICES = st.frozensets(st.integers(1, 5))
BLOCKS: list[Blocked] = ["no", "complained", "all"]


@given(NOTICES, NOTICES, NOTICES, NOTICES, st.sampled_from(BLOCKS))
def test_nothing_active_is_ever_put_to_pending(
    asked: frozenset[int],
    active: frozenset[int],
    pending: frozenset[int],
    ended: frozenset[int],
    blocked: Blocked,
) -> None:
    known = bool(active | pending | ended)
    decision = decide(Facts("subscribe", asked, known, active, pending - active, ended - active, blocked))
    assert not decision.pend & active
    assert decision.pend <= asked
    assert (decision.mail is None) or blocked == "no"
    assert not decision.pend or decision.mail in ("confirm", "already")


@dataclass(frozen=True)
class Row:
    """What the rules ask of a subscription."""

    state: str
    ended_at: datetime | None = None
    end_reason: str | None = "page"


PENDING, ACTIVE = Row("pending"), Row("active")


@pytest.mark.parametrize(
    ("rows", "age", "confirmed", "expected"),
    [
        ([PENDING], timedelta(0), False, "ready"),
        ([PENDING], 7 * DAY, False, "ready"),
        ([PENDING], 7 * DAY + timedelta(seconds=1), False, "too-old"),
        ([ACTIVE], timedelta(0), True, "done"),
        ([ACTIVE], 30 * DAY, True, "done"),
        ([ACTIVE], timedelta(0), False, "done"),
        ([ACTIVE, PENDING], timedelta(0), False, "ready"),
        ([Row("ended", NOW)], DAY, True, "stopped"),
        ([Row("ended", NOW)], DAY, False, "stopped"),
        ([Row("ended", NOW - 2 * DAY)], DAY, False, "ready"),
        ([Row("ended", NOW), ACTIVE], DAY, True, "done"),
        ([Row("ended", NOW), PENDING], DAY, False, "ready"),
        ([], timedelta(0), False, "too-old"),
    ],
)
def test_what_the_confirm_button_can_do(  # S8
    rows: list[Row], age: timedelta, confirmed: bool, expected: str
) -> None:
    confirmed_at = NOW - age if confirmed else None
    assert confirm_state(rows, created_at=NOW - age, confirmed_at=confirmed_at, now=NOW) == expected


@pytest.mark.parametrize(
    ("row", "undo", "restart"),
    [
        (Row("ended", NOW), True, True),
        (Row("ended", NOW - DAY), True, True),
        (Row("ended", NOW - DAY - timedelta(seconds=1)), False, True),
        (Row("ended", NOW - 30 * DAY), False, True),
        (Row("ended", NOW - 30 * DAY - timedelta(seconds=1)), False, False),
        (Row("pending", NOW), True, True),
        (Row("active", NOW), False, False),
        (Row("ended", NOW, "one-click"), True, True),
        (Row("ended", NOW, "choices"), False, True),  # M30: a stop link takes back only what it did
        (Row("ended", NOW, "staff"), False, True),
        (Row("ended", NOW, "mail"), False, True),
        (PENDING, False, False),
    ],
)
def test_windows_of_starting_again(row: Row, undo: bool, restart: bool) -> None:
    assert (can_undo(row, NOW), can_restart(row, NOW)) == (undo, restart)
    assert (may_start(row, "undo", NOW), may_start(row, "restart", NOW)) == (undo, restart)
    assert may_start(row, "choices", NOW) == (row.state != "active")
