"""What an outcome means for its row, as pure decisions; it looks at no clock, no dice and no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from newsletter_app.ledger.models import State
from newsletter_app.mail.refusals import Kind, classify
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Outcome, Result

LIFETIME: Final = timedelta(days=4)  # RFC 5321 4.5.4.1: give up after four to five days.
LEASE: Final = timedelta(minutes=15)
LEASE_LOST: Final = "lease-lost"  # Why a row is uncertain whose holder was not heard of for so long.

# The first retry is short, for servers that greylist; the others keep to RFC 5321 4.5.4.1.
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (10, 30, 60, 120, 240))
SPREAD: Final = 0.2

HARD: Final = str(Kind.hard)
SOFT: Final = str(Kind.soft)
SENDER_FAULT: Final = str(Kind.sender_fault)
UNSENDABLE: Final = "unsendable"


@dataclass(frozen=True, slots=True)
class NextState:
    """Where a row goes: its state, why (a code, or None), when it is due again, attempts to add (0 or 1)."""

    state: State
    reason: str | None = None
    due_at: datetime | None = None
    attempts: int = 1


ACCEPTED: Final = NextState(State.accepted)


def next_state(
    outcome: Outcome,
    attempts: int,
    expires_at: datetime | None,
    now: datetime,
    *,
    dice: Callable[[], float] = lambda: 0.5,
) -> NextState:
    """Decide what follows from ``outcome`` for a row tried ``attempts`` times before.

    ``dice``, thrown only for a retry, gives [0, 1): it spreads the retries of many rows, so that they do not
    come back in one moment.
    """
    match outcome.result:
        case Result.accepted:
            return ACCEPTED
        case Result.uncertain:
            return NextState(State.uncertain, "no-reply")
        case Result.unsent:
            return NextState(State.queued, attempts=0)
        case Result.refused:
            return NextState(State.refused, why_refused(outcome.reply))
        case Result.deferred:
            due_at = now + pause(attempts, dice())
            if expires_at is not None and due_at >= expires_at:
                return NextState(State.expired, "too-late")
            return NextState(State.deferred, due_at=due_at)


def pause(attempts: int, dice: float) -> timedelta:
    """Return how long to wait after one more failure (M15), spread by a fifth either way."""
    return PAUSES[min(attempts, len(PAUSES) - 1)] * (1 - SPREAD + 2 * SPREAD * dice)


def why_refused(reply: Reply | None) -> str:
    """Name whose doing a refusal is: ``hard`` and ``soft`` the address's, ``sender-fault`` ours."""
    return UNSENDABLE if reply is None else str(classify(*reply).kind)
