"""What may still be done with a change of address, and when a pause ends; no session here."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final, Literal

from newsletter_app.kernel.clock import local_day
from newsletter_app.kernel.local_time import moment_on
from newsletter_app.subscribers.models import AddressChange

CONFIRM_WITHIN: Final = timedelta(days=7)
UNDO_WITHIN: Final = timedelta(days=30)
ASKS_PER_DAY: Final = 3

PAUSES: Final = (1, 3, 6)  # months

ChangeState = Literal["ready", "done", "too-old", "ended"]
KeepState = Literal["can-refuse", "refused", "can-undo", "undone", "too-old"]


def pause_until(now: datetime, months: int, zone: str) -> datetime:
    """Return when a pause of so many months ends: as the same day begins in ``zone``, or a month's last."""
    today = local_day(now, zone)
    years, month = divmod(today.month - 1 + months, 12)
    year, month = today.year + years, month + 1
    return moment_on(date(year, month, min(today.day, monthrange(year, month)[1])), 0, zone)


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
