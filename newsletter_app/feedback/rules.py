"""What follows from what came back, as pure decisions: which failure is meant, when complaints are many."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from newsletter_app.delivery import CameBack
from newsletter_app.feedback.reading import Failure
from newsletter_app.mail.refusals import Kind, Reason

# M43: what Gmail and Yahoo ask of senders. Below so many complaints a rate says nothing.
ALARM_RATE: Final = 0.001
PAUSE_RATE: Final = 0.003
ALARM_COUNT: Final = 2
PAUSE_COUNT: Final = 3

# Readers of one domain whose mail came back by our fault within a day, until the domain is held.
FAULTS: Final = 5
# One reader's own rules about who may write say nothing about their domain.
NO_DOMAINS_VERDICT: Final = frozenset({Reason.restricted})

_GRAVITY: Final = {Kind.none: 0, Kind.sender_fault: 1, Kind.soft: 2, Kind.hard: 3}


class State(StrEnum):
    """Where an event stands (see ``models.FeedbackEvent``); what was turned away has none."""

    applied = "applied"
    ignored = "ignored"
    unproven = "unproven"
    waiting = "waiting"
    turned_away = "turned away"


class Effect(StrEnum):
    """What followed from an event."""

    suppressed = "suppressed"
    counted = "counted"
    noted = "noted"  # Our fault: kept for staff, no reader touched.
    domain_held = "domain-held"
    ended = "ended"  # A complaint: every subscription ended, the address suppressed.
    alarmed = "alarmed"
    paused = "paused"
    stopped = "stopped"
    forwarded = "forwarded"


class Weight(StrEnum):
    """How heavily a campaign's complaints weigh."""

    light = "light"
    alarm = "alarm"
    pause = "pause"


def meant(failures: Sequence[Failure], address: str) -> Failure | None:
    """Return the failure that speaks of the reader with ``address`` ("" if unknown), None if nothing harms.

    A report that names others alone is about where the reader's mail is led to: it counts where all of it
    failed, and then by the least of its verdicts.
    """
    mine = [one for one in failures if address and address.lower() in (one.address, one.final)]
    about = mine or list(failures)
    if not about or not all(one.is_harm for one in about):
        return None
    return min(about, key=lambda one: _GRAVITY[one.verdict.kind])


def weigh(found: CameBack) -> Weight:
    """Decide by the rate of complaints among accepted mails of one campaign (M43)."""
    rate = found.complaint_rate
    if found.complained >= PAUSE_COUNT and rate >= PAUSE_RATE:
        return Weight.pause
    return Weight.alarm if found.complained >= ALARM_COUNT and rate >= ALARM_RATE else Weight.light


def holds_domain(faults: int) -> bool:
    """Whether a domain is held for so many readers' sakes; every fifth, since probes let it go again."""
    return faults > 0 and faults % FAULTS == 0
