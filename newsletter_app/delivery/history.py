"""What was sent to one reader, the newest first; a row that was retired long ago is told no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, EditionItem
from newsletter_app.delivery.models import Delivery
from newsletter_app.ledger import State
from newsletter_app.tips import Publication


def lately_sent(session: Session, subscriber_id: int, limit: int) -> list[tuple[int, datetime]]:
    """Return up to ``limit`` tips that a server took for this reader, each with when it was first sent."""
    sent = (
        select(Publication.tip_id, Delivery.first_attempt_at)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(
            Delivery.subscriber_id == subscriber_id,
            Delivery.state == State.accepted,
            ~EditionItem.by_note,
        )
        .order_by(Delivery.first_attempt_at.desc(), Delivery.campaign_id.desc(), EditionItem.position)
        # A tip that stands in two notices of a mail is two rows; nobody has more notices than that.
        .limit(limit * 3)
    )
    found: dict[int, datetime] = {}
    for tip_id, sent_at in session.execute(sent):
        if sent_at is not None:
            found.setdefault(tip_id, sent_at)
    return list(found.items())[:limit]


def latest(session: Session, subscriber_id: int, limit: int) -> list[tuple[Delivery, Campaign]]:
    """Return a reader's newest deliveries with their campaigns, whatever became of them."""
    rows = (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.subscriber_id == subscriber_id)
        .order_by(Delivery.campaign_id.desc())
        .limit(limit)
    )
    return [(delivery, campaign) for delivery, campaign in session.execute(rows)]
