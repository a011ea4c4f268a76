"""What may be mailed to nobody any more, and what a reader had by any way; shared by streams and series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import DROPPED, Campaign, EditionItem
from newsletter_app.delivery import Delivery, counts_as_delivered
from newsletter_app.ledger import State
from newsletter_app.tips import Publication

# It counts as had, and may yet be dropped.
ON_ITS_WAY: Final = (State.queued, State.claimed, State.deferred)


def is_dropped() -> ColumnElement[bool]:
    """Whether a publication's tip was cancelled by staff who gave it back to nobody."""
    dropped = select(Campaign.id).where(
        Campaign.tip_id == Publication.tip_id, Campaign.state == "cancelled", Campaign.pause_reason == DROPPED
    )
    return dropped.correlate(Publication).exists()


def standing_in_several(session: Session, tip_ids: set[int]) -> Sequence[int]:
    """Return those of the tips that stand in more than one notice, in order."""
    statement = (
        select(Publication.tip_id)
        .where(Publication.tip_id.in_(tip_ids))
        .group_by(Publication.tip_id)
        .having(func.count() > 1)
        .order_by(Publication.tip_id)
    )
    return session.scalars(statement).all()


def had(theirs: FromClause, tip_id: int, *, for_good: bool = False) -> ColumnElement[bool]:
    """Whether an edition holding this tip was delivered to a reader of ``theirs``, by whichever notice.

    What is on its way counts, unless asked ``for_good``.
    """
    settled = [Delivery.state.not_in(ON_ITS_WAY)] if for_good else []
    return (
        select(Delivery.campaign_id)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(
            Delivery.subscriber_id == theirs.c.subscriber_id,
            Publication.tip_id == tip_id,
            counts_as_delivered(),
            *settled,
        )
        .correlate(theirs)
        .exists()
    )
