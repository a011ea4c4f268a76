"""What became of a campaign, in numbers and in ids; no address stands here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, EditionItem
from newsletter_app.delivery.models import Delivery, DeliveryCount
from newsletter_app.ledger import State
from newsletter_app.tips import Publication


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of one campaign: by state, by (state, reason), by notice and state; and who is uncertain."""

    states: dict[str, int]
    reasons: dict[tuple[str, str], int]
    notices: dict[int, dict[str, int]]
    uncertain: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many readers were planned."""
        return sum(self.states.values())


def status(session: Session, campaign: Campaign) -> Status:
    """Return the counts as they are now; a mail of two notices counts under both."""
    mine = Delivery.campaign_id == campaign.id
    states: dict[str, int] = {}
    reasons: dict[tuple[str, str], int] = {}
    for state, reason, count in _counts(session, campaign.id):
        states[state] = states.get(state, 0) + count
        if reason:
            reasons[state, reason] = count
    uncertain = select(Delivery.subscriber_id).where(mine, Delivery.state == State.uncertain)
    ids = tuple(session.scalars(uncertain.order_by(Delivery.subscriber_id).limit(100)))
    return Status(states, reasons, _by_notice(session, campaign.id), ids)


def _counts(session: Session, campaign_id: int) -> list[tuple[str, str | None, int]]:
    """Count the rows by state and reason; once they were retired, what was counted at the end stands in."""
    counted = (
        select(Delivery.state, Delivery.reason, func.count())
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Delivery.state, Delivery.reason)
    )
    kept = select(DeliveryCount.state, DeliveryCount.reason, DeliveryCount.readers)
    rows = session.execute(counted).all() or session.execute(
        kept.where(DeliveryCount.campaign_id == campaign_id)
    )
    return [(state, reason, count) for state, reason, count in rows]


def _by_notice(session: Session, campaign_id: int) -> dict[int, dict[str, int]]:
    counted = (
        select(Publication.notice_id, Delivery.state, func.count(Delivery.subscriber_id.distinct()))
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Publication.notice_id, Delivery.state)
    )
    found: dict[int, dict[str, int]] = {}
    for notice_id, state, count in session.execute(counted):
        found.setdefault(notice_id, {})[state] = count
    return found
