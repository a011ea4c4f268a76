"""Why a reader did or did not get a tip: one decision from what is known to a code; words are the faces'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from newsletter_app.campaigns import DROPPED
from newsletter_app.delivery import BOUNCED, CANCELLED, ENDED, NOT_FOR_GOOD, SUPPRESSED
from newsletter_app.ledger import State


class Code(StrEnum):
    """What became of a tip for one reader; what comes first outweighs what comes after it."""

    received = "received"
    came_back = "came-back"
    uncertain = "uncertain"
    under_way = "under-way"
    queued = "queued"
    put_off = "put-off"
    held = "held"
    comes_again = "comes-again"
    ahead = "ahead"
    waits = "waits"
    paused = "paused"
    offered = "offered"
    suppressed = "suppressed"
    refused = "refused"
    ended = "ended"
    dropped = "dropped"
    withdrawn = "withdrawn"
    confirmed_after = "confirmed-after"
    not_kept = "not-kept"
    unconfirmed = "unconfirmed"
    not_subscribed = "not-subscribed"
    scheduled = "scheduled"
    not_sent = "not-sent"


@dataclass(frozen=True, slots=True)
class Mailed:
    """A delivery; ``at`` is when it came to its state, ``reply`` what the server said."""

    campaign: str
    campaign_state: str
    held_for: str
    state: str
    reason: str | None
    due_at: datetime
    at: datetime | None
    reply: str = ""
    feedback: str = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """The tip in one notice, and this reader's subscription to it: ``state`` is "" without one."""

    notice: str
    seq: int
    published_at: datetime
    state: str = ""
    cadence: str = ""
    cursor: int = 0
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    is_owed: bool = False
    is_missed: bool = False
    is_of_archive: bool = False
    read_up_to: int | None = None
    """Where the tip is ahead in their series: the highest number that it has brought."""


class Launch(NamedTuple):
    """How a campaign stands."""

    state: str
    reason: str
    due_at: datetime

    @property
    def is_dropped(self) -> bool:
        """Whether staff ended it for good."""
        return (self.state, self.reason) == ("cancelled", DROPPED)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a reader and a tip: its own campaign is ``launch``, their next mail ``next_at``."""

    mailed: tuple[Mailed, ...] = ()
    places: tuple[Place, ...] = ()
    suppressed_for: str = ""
    paused_until: datetime | None = None
    withdrawn_at: datetime | None = None
    launch: Launch | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code; since or until when; by which campaign, in which notice; why, in a code or a server's words."""

    code: Code
    at: datetime | None = None
    campaign: str = ""
    notice: str = ""
    why: str = ""


def explain(known: Known, now: datetime) -> Explanation:
    """Say why a reader did or did not get a tip, as of ``now``."""
    order = list(Code)
    found = [*_of_mails(known, now), *_of_places(known, now)]
    return min(found, key=lambda one: order.index(one.code), default=_of_tip(known))


def _of_mails(known: Known, now: datetime) -> Iterator[Explanation]:
    """Explanation by each delivery; one whose tips were given back says nothing, the subscription does."""
    for mail in known.mailed:
        found = _of_mail(mail, known, now)
        if found is not None:
            yield found


def _of_mail(mail: Mailed, known: Known, now: datetime) -> Explanation | None:
    match mail.state:
        case State.accepted:
            code = Code.came_back if mail.feedback == BOUNCED else Code.received
            return Explanation(code, mail.at, mail.campaign, why=mail.reply if code is Code.came_back else "")
        case State.uncertain:
            return Explanation(Code.uncertain, mail.at, mail.campaign)
        case State.claimed:
            return Explanation(Code.under_way, mail.at, mail.campaign)
        case State.queued | State.deferred:
            return _waiting(mail, known, now)
        case State.refused if mail.reason not in NOT_FOR_GOOD:
            return Explanation(Code.refused, mail.at, mail.campaign, why=mail.reply or mail.reason or "")
        case State.skipped if mail.reason == SUPPRESSED:
            return Explanation(Code.suppressed, mail.at, mail.campaign, why=known.suppressed_for)
        case State.skipped if mail.reason == ENDED:
            return Explanation(Code.ended, mail.at, mail.campaign)
        case State.skipped if mail.reason == CANCELLED and not any(place.is_owed for place in known.places):
            return Explanation(Code.dropped, mail.at, mail.campaign)
    return None


def _waiting(mail: Mailed, known: Known, now: datetime) -> Explanation | None:
    """Explanation for a mail that is still to go, as its claim would judge it now."""
    if not any(place.state == "active" for place in known.places):
        return None
    if known.suppressed_for:
        return Explanation(Code.suppressed, None, mail.campaign, why=known.suppressed_for)
    if known.paused_until is not None and known.paused_until > max(now, mail.due_at):
        return Explanation(Code.paused, known.paused_until, mail.campaign)
    if mail.campaign_state == "paused":
        return Explanation(Code.held, mail.due_at, mail.campaign, why=mail.held_for)
    if mail.state == State.deferred:
        return Explanation(Code.put_off, mail.due_at, mail.campaign, why=mail.reply)
    return Explanation(Code.queued, mail.due_at, mail.campaign)


def _of_places(known: Known, now: datetime) -> Iterator[Explanation]:
    """Explanation by each notice that the tip stands in."""
    is_reserved = any(counts_as_reserved(mail) for mail in known.mailed)
    for place in known.places:
        match place.state:
            case "":
                yield Explanation(Code.not_subscribed, notice=place.notice)
            case "pending":
                yield Explanation(Code.unconfirmed, place.created_at, notice=place.notice)
            case "ended":
                yield Explanation(Code.ended, place.ended_at, notice=place.notice)
            case _ if not is_reserved:
                yield _of_reader(place, known, now)


def counts_as_reserved(mail: Mailed) -> bool:
    """Tell whether a delivery is the tip's last word for its reader, so that no later mail brings it."""
    if mail.state == State.refused:
        return mail.reason not in NOT_FOR_GOOD
    return mail.state not in (State.skipped, State.expired) or mail.reason in (ENDED, SUPPRESSED)


def _of_reader(place: Place, known: Known, now: datetime) -> Explanation:
    """Explanation for an active subscription that no mail has brought the tip to."""
    if known.withdrawn_at is not None:
        return Explanation(Code.withdrawn, known.withdrawn_at, notice=place.notice)
    if known.launch is not None and known.launch.is_dropped:
        return Explanation(Code.dropped, notice=place.notice)
    if place.read_up_to is not None:
        return _ahead(place, known, now)
    if place.is_of_archive:
        return Explanation(Code.not_sent, notice=place.notice)
    if place.is_missed:
        return Explanation(Code.offered, notice=place.notice)
    if place.is_owed or place.seq > place.cursor:
        return _to_come(place, known, now)
    if place.confirmed_at is not None and place.confirmed_at >= place.published_at:
        return Explanation(Code.confirmed_after, place.confirmed_at, notice=place.notice)
    return Explanation(Code.not_kept, place.published_at, notice=place.notice)


def _ahead(place: Place, known: Known, now: datetime) -> Explanation:
    told = Explanation(Code.ahead, known.next_at, notice=place.notice, why=str(place.read_up_to))
    return _kept_from(place, known, now) or told


def _to_come(place: Place, known: Known, now: datetime) -> Explanation:
    code = Code.comes_again if place.is_owed else Code.waits
    told = Explanation(code, known.next_at, notice=place.notice, why=place.cadence)
    return _kept_from(place, known, now) or told


def _kept_from(place: Place, known: Known, now: datetime) -> Explanation | None:
    """Explanation by what keeps every mail from this reader at present."""
    if known.suppressed_for:
        return Explanation(Code.suppressed, notice=place.notice, why=known.suppressed_for)
    if known.paused_until is not None and known.paused_until > now:
        return Explanation(Code.paused, known.paused_until, notice=place.notice)
    return None


def _of_tip(known: Known) -> Explanation:
    """Explanation for a tip that stands in no notice yet."""
    if known.withdrawn_at is not None:
        return Explanation(Code.withdrawn, known.withdrawn_at)
    if known.launch is not None and known.launch.state != "cancelled":
        return Explanation(Code.scheduled, known.launch.due_at)
    return Explanation(Code.not_sent)
