"""How far a campaign is, for whoever watches it: one look at its rows, or the tally of a large one.

No address stands here; a server's words are one example of each kind, with addresses cut out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import String, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from newsletter_app import tallies
from newsletter_app.campaigns import ENDED, Campaign
from newsletter_app.delivery.models import Delivery, DeliveryCount
from newsletter_app.delivery.rules import OPEN, WAITING
from newsletter_app.ledger import State

# What was settled within it tells the rate.
LATELY: Final = timedelta(seconds=30)
EVERY: Final = timedelta(seconds=2)
# Bounces and complaints of an ended campaign still come in.
EVERY_AFTERWARDS: Final = timedelta(hours=1)
AFTERWARDS: Final = timedelta(days=14)
NAMED: Final = "campaign:"
TROUBLED: Final = (State.deferred, State.refused, State.expired, State.uncertain)
_ADDRESS: Final = re.compile(r"\S*@\S*")


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one state and reason that were answered alike; ``text`` is an example of the answers."""

    state: str
    reason: str
    code: int | None
    enhanced: str
    text: str
    readers: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A campaign's rows by kind, the largest first, and what came back, as they were at ``counted_at``.

    ``lately`` is how many were settled within the half minute before; ``due`` how many wait and might go now.
    """

    kinds: tuple[Kind, ...]
    bounced: int
    complained: int
    lately: int
    due: int
    counted_at: datetime

    def of(self, *states: str) -> int:
        """Return how many readers' rows are in these states."""
        return sum(kind.readers for kind in self.kinds if kind.state in states)

    @property
    def total(self) -> int:
        """How many readers were planned."""
        return sum(kind.readers for kind in self.kinds)

    @property
    def open(self) -> int:
        """How many are still to be decided."""
        return self.of(*OPEN)

    @property
    def per_second(self) -> float:
        """Messages a second that were settled lately."""
        return self.lately / LATELY.total_seconds()

    @property
    def time_left(self) -> timedelta | None:
        """How long what is due takes at that rate; None where nothing moves."""
        return timedelta(seconds=self.due / self.per_second) if self.lately and self.due else None

    @property
    def troubles(self) -> list[Kind]:
        """What did not arrive, or not yet, with what servers said; the most readers first."""
        return [kind for kind in self.kinds if kind.state in TROUBLED]


def progress(session: Session, campaign: Campaign, now: datetime) -> Progress:
    """Return how far ``campaign`` is; of a large one as it was counted last, which is seconds ago.

    Nobody waits for a count of so many: before the first one nothing is told, or what the end wrote down.
    """
    tally = tallies.find(session, _name(campaign.id))
    if tally is not None:
        facts = dict(tally.facts)
        kinds = tuple(Kind(**kind) for kind in facts.pop("kinds"))
        return Progress(kinds, **facts, counted_at=tally.counted_at)
    if _is_large(session, campaign.id):
        return _kept(session, campaign.id, campaign.finished_at or now)
    found = _counted(session, campaign.id, now)
    return found if found.kinds else _kept(session, campaign.id, now)


def recount(session: Session, now: datetime, elapsed: Callable[[], float]) -> list[int]:
    """Count anew each large campaign whose tally is due, and one that ended without any; return their ids."""
    lately = or_(Campaign.finished_at.is_(None), Campaign.finished_at >= now - AFTERWARDS)
    begun = select(Campaign).where(Campaign.started_at.is_not(None), lately).order_by(Campaign.id)
    counted: list[int] = []
    due = [campaign.id for campaign in session.scalars(begun).all() if _is_due(session, campaign, now)]
    for campaign_id in due or _never_counted(session):
        tallies.keep(session, _name(campaign_id), partial(_facts, session, campaign_id, now), now, elapsed)
        counted.append(campaign_id)
    return counted


def count_anew(session: Session, campaign_id: int) -> None:
    """Forget what was counted of a campaign that ended; until the next count its end's are told."""
    tallies.forget(session, _name(campaign_id))


def _never_counted(session: Session) -> list[int]:
    """Return the newest large campaign that ended before there were tallies, if its rows stand yet."""
    name = literal(NAMED) + cast(Campaign.id, String)
    readers = select(func.sum(DeliveryCount.readers)).where(DeliveryCount.campaign_id == Campaign.id)
    ended = select(Campaign.id).where(
        Campaign.state.in_(ENDED),
        ~exists().where(tallies.Tally.name == name),
        readers.scalar_subquery() > tallies.FEW,
        exists().where(Delivery.campaign_id == Campaign.id),
    )
    return list(session.scalars(ended.order_by(Campaign.id.desc()).limit(1)))


def _is_due(session: Session, campaign: Campaign, now: datetime) -> bool:
    tally = tallies.find(session, _name(campaign.id))
    if tally is None:
        return campaign.state not in ENDED and _is_large(session, campaign.id)
    is_final = campaign.finished_at is not None and tally.counted_at > campaign.finished_at
    return tallies.is_due(tally, now, EVERY_AFTERWARDS if is_final else EVERY)


def ended_counts(session: Session, campaign_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return how many readers of campaigns that ended are in each state, as it was written at their end."""
    kept = select(DeliveryCount.campaign_id, DeliveryCount.state, func.sum(DeliveryCount.readers))
    rows = kept.where(DeliveryCount.campaign_id.in_(list(campaign_ids)))
    found: dict[int, dict[str, int]] = {}
    for campaign_id, state, readers in session.execute(
        rows.group_by(DeliveryCount.campaign_id, DeliveryCount.state)
    ):
        found.setdefault(campaign_id, {})[state] = int(readers)
    return found


def _name(campaign_id: int) -> str:
    return f"{NAMED}{campaign_id}"


def _is_large(session: Session, campaign_id: int) -> bool:
    return tallies.many(session, select(Delivery.subscriber_id).where(Delivery.campaign_id == campaign_id))


def _facts(session: Session, campaign_id: int, now: datetime) -> dict[str, Any]:
    facts = asdict(_counted(session, campaign_id, now))
    del facts["counted_at"]
    return facts


def _counted(session: Session, campaign_id: int, now: datetime) -> Progress:
    is_answered = Delivery.state.in_(TROUBLED)
    alike = (
        Delivery.state,
        func.coalesce(Delivery.reason, ""),
        case((is_answered, Delivery.reply_code)),
        case((is_answered, func.coalesce(Delivery.reply_enhanced, "")), else_=""),
    )
    counts = (
        func.min(case((is_answered, Delivery.reply_text))),
        func.count(),
        func.count().filter(Delivery.feedback == "bounced"),
        func.count().filter(Delivery.feedback == "complained"),
        func.count().filter(Delivery.settled_at > now - LATELY),
        func.count().filter(Delivery.state.in_(WAITING), Delivery.due_at <= now),
    )
    mine = select(*alike, *counts).where(Delivery.campaign_id == campaign_id).group_by(*alike)
    kinds, sums = [], [0, 0, 0, 0]
    for state, reason, code, enhanced, text, readers, *counted in session.execute(mine):
        kinds.append(Kind(state, reason, code, enhanced, _ADDRESS.sub("…", text or ""), readers))
        sums = [before + more for before, more in zip(sums, counted, strict=True)]
    kinds.sort(key=lambda kind: (-kind.readers, kind.state, kind.reason))
    bounced, complained, lately, due = sums
    return Progress(tuple(kinds), bounced, complained, lately, due, now)


def _kept(session: Session, campaign_id: int, now: datetime) -> Progress:
    """Rows that were retired left only how many there were of each state and reason."""
    kept = select(DeliveryCount).where(DeliveryCount.campaign_id == campaign_id)
    rows = session.scalars(kept.order_by(DeliveryCount.readers.desc())).all()
    kinds = tuple(Kind(row.state, row.reason, None, "", "", row.readers) for row in rows)
    return Progress(kinds, 0, 0, 0, 0, now)
