"""When to ask the DNS again, and what an answer means for a launch; decides from values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from newsletter_app.kernel.observations import Gravity, Observation


class CheckState(StrEnum):
    """What a check has come to."""

    begun = ""
    ok = "ok"
    fault = "fault"
    unasked = "unasked"


class Word(StrEnum):
    """What the last check says to a launch: go, wait for the first answer, or stay."""

    go = "go"
    wait = "wait"
    stay = "stay"


# What is well stays well for a day; what is not may be mended within the hour. Who began and never finished
# was killed while he asked, which takes twenty seconds.
GOOD_FOR: Final[Mapping[CheckState, timedelta]] = {
    CheckState.begun: timedelta(minutes=2),
    CheckState.ok: timedelta(days=1),
    CheckState.fault: timedelta(hours=1),
    CheckState.unasked: timedelta(hours=1),
}


def is_due(state: CheckState, asked_at: datetime, now: datetime) -> bool:
    """Tell whether to ask again; a clock that was set back is no reason to wait for it."""
    return not timedelta() <= now - asked_at < GOOD_FOR[state]


def state_of(found: Collection[Observation], faults: Collection[Observation]) -> CheckState:
    """Return what a check has come to, whose ``faults`` a launch is refused for."""
    if faults:
        return CheckState.fault
    unasked = any(one.gravity is Gravity.unasked for one in found)
    return CheckState.unasked if unasked else CheckState.ok


def word_of(state: CheckState) -> Word:
    """Return what a launch is told: what could not be asked refuses nothing."""
    if state is CheckState.begun:
        return Word.wait
    return Word.stay if state is CheckState.fault else Word.go
