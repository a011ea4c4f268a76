"""Delivery decisions: which endings give a tip back to its reader, and which count as delivered."""

from __future__ import annotations

from typing import Final

from newsletter_app.ledger import SENDER_FAULT, SOFT, State

# Why a row was skipped (its ``reason``).
ENDED: Final = "ended"
SUPPRESSED: Final = "suppressed"
PAUSED: Final = "paused"
CHANGED: Final = "changed"
CANCELLED: Final = "cancelled"

# What a look at a claimed or due row says besides these.
SENDABLE: Final = "sendable"
TOO_LATE: Final = "too-late"

# Refusals that say nothing final about the reader: the tips come with a later mail.
NOT_FOR_GOOD: Final = (SENDER_FAULT, SOFT)

OPEN: Final = (State.queued, State.claimed, State.deferred)
WAITING: Final = (State.queued, State.deferred)


def is_given_back(state: str, reason: str | None) -> bool:
    """Tell whether the reservation ends with the row, so that the tips come with a later mail.

    It stays when the mail was accepted, is uncertain or was refused for good, and when the reader ended or
    is suppressed. A cancelled row is given back only where staff choose so, which its campaign knows.
    """
    if state == State.skipped:
        return reason in (PAUSED, CHANGED)
    return state == State.expired or (state == State.refused and reason in NOT_FOR_GOOD)


def is_untold_again(state: str, reason: str | None) -> bool:
    """Tell whether the corrections of a mail are still to be told after this ending: none is lost with it."""
    return state in (State.skipped, State.expired) or (state == State.refused and reason in NOT_FOR_GOOD)
