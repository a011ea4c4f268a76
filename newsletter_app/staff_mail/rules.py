"""Which mails there are for staff, whom each concerns, what cannot be switched off, when a time has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from newsletter_app.identity import ALLOWED

Kind = Literal["review", "decided", "tomorrow", "went", "gap", "stopped", "board"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

CONCERNS: Final[Mapping[Kind, frozenset[str]]] = {
    "review": frozenset(ALLOWED["approve"]),  # a tip waits for somebody's approval
    "decided": frozenset(ALLOWED["write"]),  # one's own tip was approved or given back
    "tomorrow": frozenset(ALLOWED["send"]),  # a tip goes out tomorrow
    "went": frozenset(ALLOWED["send"]),  # a campaign is over: what became of it
    "gap": frozenset(ALLOWED["send"]),  # nothing is scheduled for next week
    "stopped": frozenset(ALLOWED["send"]),  # sending stands still, and a person can do something
    "board": frozenset({"owner", "viewer"}),  # last month's figures: whoever looks and changes nothing
}
MORNING: Final = 9
THURSDAY: Final = 3
A_DAY: Final = timedelta(days=1)
# After a machine was away, last month's figures still come, a whole month's do not.
BOARD_DAYS: Final = 7


def concerns(kind: Kind, role: str) -> bool:
    """Tell whether a kind of mail is for people of this role."""
    return role in CONCERNS[kind]


def can_silence(kind: Kind, role: str) -> bool:
    """Tell whether people of this role may switch it off: somebody must hear that nothing is sent."""
    return concerns(kind, role) and (kind, role) != ("stopped", "owner")


def offered(role: str) -> list[Kind]:
    """Return the kinds that people of this role may switch on and off."""
    return [kind for kind in KINDS if can_silence(kind, role)]


def is_eve(due_at: datetime, now: datetime, zone: str) -> bool:
    """Tell whether it is the day before ``due_at`` where the organisation is, and people are up."""
    here = now.astimezone(ZoneInfo(zone))
    due = due_at.astimezone(ZoneInfo(zone)).date()
    return here.date() == due - A_DAY and here.hour >= MORNING


def week_to_fill(now: datetime, zone: str) -> date | None:
    """Return next week's Monday once it is Thursday morning, so that two working days are left; else None."""
    here = now.astimezone(ZoneInfo(zone))
    weekday = here.weekday()
    if weekday < THURSDAY or (weekday == THURSDAY and here.hour < MORNING):
        return None
    return here.date() + timedelta(days=7 - weekday)


def is_board_day(today: date) -> bool:
    """Tell whether last month's figures are due: from the 1st on."""
    return today.day <= BOARD_DAYS
