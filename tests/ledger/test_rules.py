"""What an outcome means, by tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.ledger import LIFETIME, NextState, State, next_state
from newsletter_app.ledger.rules import PAUSES, pause, why_refused
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Outcome, Result

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def outcome(result: Result, reply: Reply | None = None) -> Outcome:
    return Outcome("d:1:1", 1, result, reply, "mx:25", NOW)


@pytest.mark.parametrize(
    ("result", "reply", "following"),
    [
        (Result.accepted, Reply(250, None, "ok"), NextState(State.accepted)),
        (Result.uncertain, None, NextState(State.uncertain, "no-reply")),
        (Result.unsent, None, NextState(State.queued, attempts=0)),
        (Result.refused, Reply(550, "5.1.1", "unknown"), NextState(State.refused, "hard")),
        (Result.refused, Reply(550, None, "no"), NextState(State.refused, "hard")),
        (Result.refused, Reply(552, "5.2.2", "full"), NextState(State.refused, "soft")),
        (Result.refused, Reply(550, "5.7.1", "user unknown"), NextState(State.refused, "hard")),
        (Result.refused, None, NextState(State.refused, "unsendable")),
        (Result.refused, Reply(550, "5.7.1", "policy"), NextState(State.refused, "sender-fault")),
    ],
)
def test_what_follows(result: Result, reply: Reply | None, following: NextState) -> None:
    """One row of the table each."""  # M14, M17
    assert next_state(outcome(result, reply), 0, NOW + LIFETIME, NOW) == following


@pytest.mark.parametrize(
    ("code", "enhanced", "why"),
    [
        (550, "5.1.1", "hard"),
        (550, "5.2.1", "hard"),
        (552, "5.2.2", "soft"),
        (550, "5.7.26", "sender-fault"),
        (550, "5.7.515", "sender-fault"),
        (535, "5.7.8", "sender-fault"),
        (530, None, "sender-fault"),
        (552, "5.3.4", "sender-fault"),
        (553, "5.1.8", "sender-fault"),
    ],
)
def test_whose_fault_a_refusal_is(code: int, enhanced: str | None, why: str) -> None:
    """5.7.x never speaks of the reader, and a full mailbox only of today."""  # M40
    assert why_refused(Reply(code, enhanced, "")) == why


@given(st.integers(0, 50), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_and_spread(attempts: int, dice: float) -> None:
    """Never below its own four fifths, never above six fifths, never shorter than the one before."""  # M15
    base = PAUSES[min(attempts, len(PAUSES) - 1)]
    assert base * 0.799 <= pause(attempts, dice) <= base * 1.201
    assert pause(attempts, dice) <= pause(attempts + 1, dice) + timedelta(microseconds=1)


def test_only_the_first_retry_is_short() -> None:
    """A short one for greylisting, then at least nearly half an hour."""  # M15
    assert pause(0, 0.0) >= timedelta(minutes=5)
    assert pause(1, 0.5) >= timedelta(minutes=30)


@pytest.mark.parametrize(
    ("left", "state"), [(timedelta(minutes=9), State.expired), (LIFETIME, State.deferred)]
)
def test_a_retry_beyond_the_lifetime_is_none(left: timedelta, state: State) -> None:
    """With dice at a half the first pause is ten minutes."""
    busy = outcome(Result.deferred, Reply(451, "4.3.0", "busy"))
    assert next_state(busy, 0, NOW + left, NOW).state == state
