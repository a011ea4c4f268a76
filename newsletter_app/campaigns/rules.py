"""Campaign decisions as pure functions: occurrences, what may follow what, what is too late unasked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

OVERDUE_AFTER: Final = timedelta(hours=6)
LIFETIME: Final = timedelta(days=4)  # M15

# Why a campaign is paused (``paused_by``): a person's will, a question to a person, or trouble by machine.
BY_STAFF: Final = "staff"
BY_QUESTION: Final = "question"
BY_BREAKER: Final = "breaker"
# Others would not believe that the mail is ours; it goes on by itself once they would.
BY_CHECK: Final = "check"
OVERDUE: Final = "overdue"

# What a cancelled campaign's readers get later (``pause_reason`` of a cancelled campaign).
DROPPED: Final = "dropped"
GIVEN_BACK: Final = "given-back"

RUNNING: Final = ("planning", "sending")
ENDED: Final = ("finished", "cancelled")


def occurrence_of_tip(tip_id: int, number: int | None) -> str:
    """Return what makes a second launch of a tip impossible: ``tip:24``, or ``tip:id:7`` without a number."""
    return f"tip:{number}" if number is not None else f"tip:id:{tip_id}"


def is_overdue(due_at: datetime, now: datetime) -> bool:
    """Tell whether a launch is so late that a person is asked (a restored backup, a clock that jumped)."""
    return now - due_at > OVERDUE_AFTER


def can_pause(state: str) -> bool:
    """Tell whether there is anything to pause."""
    return state in ("scheduled", *RUNNING)


def can_cancel(state: str) -> bool:
    """Tell whether there is anything to cancel."""
    return state not in ENDED
