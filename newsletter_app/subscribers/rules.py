"""What may still be done with a change of address, decided from its row and the time; no session here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from newsletter_app.subscribers.models import AddressChange

CONFIRM_WITHIN: Final = timedelta(days=7)
UNDO_WITHIN: Final = timedelta(days=30)
ASKS_PER_DAY: Final = 3

ChangeState = Literal["ready", "done", "too-old", "ended"]
KeepState = Literal["can-refuse", "refused", "can-undo", "undone", "too-old"]


def change_state(change: AddressChange, now: datetime) -> ChangeState:
    """Return what the link sent to the new address can do now."""
    if change.state == "confirmed":
        return "done"
    if change.state != "asked":
        return "ended"
    return "ready" if now - change.created_at <= CONFIRM_WITHIN else "too-old"


def keep_state(change: AddressChange, now: datetime) -> KeepState:
    """Return what the link sent to the old address can do now: refuse before, undo for 30 days after."""
    if change.state == "undone":
        return "undone"
    if change.confirmed_at is not None:
        return "can-undo" if now - change.confirmed_at <= UNDO_WITHIN else "too-old"
    return "can-refuse" if change.state == "asked" else "refused"
