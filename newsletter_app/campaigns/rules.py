"""Campaign decisions as pure functions: occurrences, what may follow what, what is too late unasked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from newsletter_app.kernel.local_time import begins_at

OVERDUE_AFTER: Final = timedelta(hours=6)
LIFETIME: Final = timedelta(days=4)  # M15
# From a day's first beginning to its last reader's hour: 26 hours of zones, a day, and a clock that skips.
SPREAD: Final = timedelta(hours=51)

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

# What a campaign mails (its ``kind``): tips, or a note of its own to whoever was mailed a tip as it was.
NEWSLETTER: Final = "newsletter"
CORRECTION: Final = "correction"
# The cadence of a campaign that is for its readers whatever their rhythm.
ANY_CADENCE: Final = "any"

RUNNING: Final = ("planning", "sending")
ENDED: Final = ("finished", "cancelled")


# From so many readers on, whoever sends says how many there are (S24).
BIG: Final = 1000
NEAR: Final = 0.01


def is_count_said(said: int | None, readers: int) -> bool:
    """Tell whether somebody who sends to ``readers`` has said so; a few may have come or gone meanwhile."""
    return readers <= BIG or (said is not None and abs(said - readers) <= readers * NEAR)


def occurrence_of_tip(tip_id: int, number: int | None) -> str:
    """Return what makes a second launch of a tip impossible: ``tip:24``, or ``tip:id:7`` without a number."""
    return f"tip:{number}" if number is not None else f"tip:id:{tip_id}"


def occurrence_of_correction(correction_id: int) -> str:
    """Return what makes a second mail of a correction impossible: ``correction:7``."""
    return f"{CORRECTION}:{correction_id}"


def correction_of(occurrence: str) -> int | None:
    """Return the correction that a campaign of this occurrence mails by itself, or None."""
    kind, _, number = occurrence.partition(":")
    return int(number) if kind == CORRECTION else None


def is_overdue(due_at: datetime, now: datetime) -> bool:
    """Tell whether a launch is so late that a person is asked (a restored backup, a clock that jumped)."""
    return now - due_at > OVERDUE_AFTER


def expires_at(launched_at: datetime, day: date | None) -> datetime:
    """Return when a launch is given up: its last reader has the whole lifetime from their own hour."""
    last = launched_at if day is None else max(launched_at, begins_at(day) + SPREAD)
    return last + LIFETIME


def can_pause(state: str) -> bool:
    """Tell whether there is anything to pause."""
    return state in ("scheduled", *RUNNING)


def can_cancel(state: str) -> bool:
    """Tell whether there is anything to cancel."""
    return state not in ENDED
