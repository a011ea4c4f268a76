"""When a reader is written to no more because mails come back, as pure decisions: values in, value out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from newsletter_app.mail.refusals import Kind, Reason, Verdict

# A full mailbox may be emptied tomorrow; three mails in vain, over a week at least, say that nobody does.
LOOKED_AT: Final = 5
IN_VAIN: Final = 3
SPAN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Try:
    """One mail to a reader that was settled: when, and whether it came back for the address's sake."""

    at: datetime
    came_back: bool


def is_gone(verdict: Verdict) -> bool:
    """Whether one such refusal is enough (M42): hard, and for a reason that was told."""
    return verdict.kind is Kind.hard and verdict.reason is not Reason.unspecified


def is_lasting(tries: Sequence[Try]) -> bool:
    """Whether three of the last five mails came back, with a week or more from the first to the last."""
    newest = sorted(tries, key=lambda each: each.at, reverse=True)[:LOOKED_AT]
    came_back = [each.at for each in newest if each.came_back]
    return len(came_back) >= IN_VAIN and came_back[0] - came_back[-1] >= SPAN
