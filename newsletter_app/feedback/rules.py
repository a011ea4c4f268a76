"""What follows from what came back, as pure decisions: which failure is meant, when complaints are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from newsletter_app.delivery import CameBack
from newsletter_app.feedback.reading import Failure, Shape
from newsletter_app.mail.refusals import Kind, Reason

# M43: what Gmail and Yahoo ask of senders. Below so many complaints a rate says nothing.
ALARM_RATE: Final = 0.001
PAUSE_RATE: Final = 0.003
ALARM_COUNT: Final = 2
PAUSE_COUNT: Final = 3
# Of complaints that came as mails: whoever was forwarded a few readers' mails can make up as many.
PAUSE_COUNT_UNVOUCHED: Final = 10

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


class Standing(StrEnum):
    """What is known of the mail that a token names, and of its reader's address since."""

    current = "current"  # It left, to the address that is the reader's today.
    moved = "moved"  # It left, and the reader's address is another since.
    lost = "lost"  # Nobody knows that it left (retired, or restored from before); the address never changed.
    unsure = "unsure"  # Nobody knows that it left, and the reader has had several addresses.

    @property
    def has_left(self) -> bool:
        """Whether the mail is known to have left."""
        return self in (Standing.current, Standing.moved)


class Measure(StrEnum):
    """How far a proven mail is believed."""

    whole = "whole"  # It has all of its effect.
    end = "end"  # The reader is mailed no more; no address is suppressed.
    tally = "tally"  # It counts for its campaign and touches no reader.
    none = "none"


class Effect(StrEnum):
    """What followed from an event."""

    suppressed = "suppressed"
    counted = "counted"
    noted = "noted"  # Kept for staff, no reader touched: our fault, or about an address of before.
    domain_held = "domain-held"
    ended = "ended"  # A complaint: every subscription ended, the address suppressed if it was that.
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


def standing(*, has_left: bool, has_moved: bool) -> Standing:
    """Return how a mail stands: whether it is known to have left, and whether its reader moved since then.

    Where it is not known, ``has_moved`` is whether the reader ever did.
    """
    if has_left:
        return Standing.moved if has_moved else Standing.current
    return Standing.unsure if has_moved else Standing.lost


# A wish to stop is the reader's for ever (M30). A complaint is heard, but not of who has left that mailbox:
# where that is not known, to mail no more is the smaller harm, and to suppress would bar a new sign-up, too.
# A bounce waits for proof: the next mail to an address that is gone comes back as well.
_MEASURES: Final[Mapping[Shape, Mapping[Standing, Measure]]] = {
    Shape.complaint: {
        Standing.current: Measure.whole,
        Standing.moved: Measure.tally,
        Standing.lost: Measure.whole,
        Standing.unsure: Measure.end,
    },
    Shape.report: {Standing.current: Measure.whole},
    Shape.unsubscribe: dict.fromkeys(Standing, Measure.whole),
    Shape.stop: dict.fromkeys(Standing, Measure.whole),
}


def measure(shape: Shape, standing: Standing) -> Measure:
    """Return how far a proven mail of this shape is believed."""
    return _MEASURES.get(shape, {}).get(standing, Measure.none)


def weigh(found: CameBack, vouched: int) -> Weight:
    """Decide by the rate of complaints among accepted mails of one campaign (M43).

    ``vouched`` is for how many of its readers a provider proved that it is the one who tells.
    """
    rate = found.complaint_rate
    are_many = vouched >= PAUSE_COUNT or found.complained >= PAUSE_COUNT_UNVOUCHED
    if are_many and rate >= PAUSE_RATE:
        return Weight.pause
    return Weight.alarm if found.complained >= ALARM_COUNT and rate >= ALARM_RATE else Weight.light


def holds_domain(faults: int) -> bool:
    """Whether a domain is held for so many readers' sakes; every fifth, since probes let it go again."""
    return faults > 0 and faults % FAULTS == 0
