"""Probes: which row goes first to what was out, and what its outcome says; never more than one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from newsletter_app import campaigns
from newsletter_app.delivery.ending import let_end
from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.shards import wake
from newsletter_app.kernel.rings import ring
from newsletter_app.ledger import (
    Breaker,
    BreakerKind,
    State,
    Watch,
    Why,
    begin_probe,
    breakers_to_probe,
    end_probe,
    proves_mended,
    put_off_probe,
)
from newsletter_app.mail.transport import Outcome, Result

Dice = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Target:
    """The row that a probe takes."""

    campaign_id: int
    subscriber_id: int


def begin_probes(session: Session, now: datetime, dice: Dice) -> list[int]:
    """Begin the probes that are due and have somebody to go to; return the breakers' ids, to be rung for."""
    begun = []
    for breaker in breakers_to_probe(session, now):
        if choose(session, breaker, dice) is not None:
            begin_probe(session, breaker, now)
            begun.append(breaker.id)
        elif breaker.kind == BreakerKind.domain:
            put_off_probe(session, breaker, now)
        else:
            # Whatever was broken off has no row left to send: nobody needs the server for that.
            campaigns.mend(session, [one for one in campaigns.broken_off(session) if let_end(session, one)])
    return begun


def choose(session: Session, breaker: Breaker, dice: Dice) -> Target | None:
    """Pick a row at random that a probe may take, None where there is none; ``dice`` give [0, 1).

    Not the next in line: those may be the very rows that were refused.
    """
    sending = campaigns.in_state(session, "sending")
    if breaker.kind == BreakerKind.domain:
        return _pick(session, sending, dice, Delivery.domain == breaker.name)
    return _pick(session, [*campaigns.broken_off(session), *sending], dice)


def _pick(
    session: Session, campaign_ids: Iterable[int], dice: Dice, *conditions: ColumnElement[bool]
) -> Target | None:
    for campaign_id in campaign_ids:
        mine = Delivery.campaign_id == campaign_id
        bounds = select(func.min(Delivery.subscriber_id), func.max(Delivery.subscriber_id)).where(mine)
        lowest, highest = session.execute(bounds).one()
        if lowest is None:
            continue
        place = lowest + int(dice() * (highest - lowest + 1))
        # Whoever was not tried yet comes before those who were put off.
        for state in (State.queued, State.deferred):
            rows = select(Delivery.subscriber_id).where(mine, Delivery.state == state, *conditions)
            first = rows.order_by(Delivery.subscriber_id).limit(1)
            behind = session.scalar(first.where(Delivery.subscriber_id >= place))
            found = behind if behind is not None else session.scalar(first)
            if found is not None:
                return Target(campaign_id, found)
    return None


class ProbeWatch(Watch):
    """Hears what became of the one message, and has the breaker decided as its outcome is recorded."""

    def __init__(self, breaker: Breaker, process: Watch) -> None:
        """Watch for ``breaker`` in place of the ``process``'s own watch, which may know of a failure."""
        super().__init__()
        self._id, self._kind, self._process = breaker.id, BreakerKind(breaker.kind), process
        self._outcome: Outcome | None = None
        self.is_mended: bool | None = None
        """What came of it; None while nothing did."""

    def warns_of(self, server: str) -> bool:
        """Let it go: that it is out is why."""
        return False

    def holds(self, address: str) -> bool:
        """Let it go."""
        return False

    def see(self, address: str, outcome: Outcome) -> None:
        """Keep the outcome; what was not handed over proves nothing."""
        if outcome.result is not Result.unsent:
            self._outcome = outcome

    def write(self, session: Session, now: datetime) -> None:
        """Close the breaker or leave it open for longer; what waited for it is looked through again."""
        if self._outcome is None:
            return
        outcome, self._outcome = self._outcome, None
        failure = self._process.forget_failure(outcome.server)
        reason = Why(failure.trouble.value if failure else None, outcome.reply)
        self.is_mended = proves_mended(self._kind, outcome)
        if end_probe(session, self._id, None if self.is_mended else reason, now):
            for campaign_id in campaigns.in_state(session, "sending"):
                wake(session, campaign_id)
            ring(session, "bulk_tick")
