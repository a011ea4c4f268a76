"""Counting what a day has handed over, from the ledger; service mails are not counted, since none waits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery.models import Delivery
from newsletter_app.ledger import State

# A final dot left, or may have, whatever stands in ``server``; what is claimed is about to be handed over.
HANDED_OVER = (State.claimed, State.accepted, State.uncertain, State.deferred)


def handed_over_since(session: Session, begins_at: datetime, server: str = "") -> int:
    """Return how many deliveries were handed over since ``begins_at``, to all servers or to "host:port".

    A row that no server is known of (it is claimed, or its process died) counts for every server.
    """
    lately = select(Campaign.id).where(
        Campaign.started_at.is_not(None),
        or_(Campaign.finished_at.is_(None), Campaign.finished_at >= begins_at),
    )
    said_something = func.coalesce(Delivery.server, "") != ""
    counted = (
        select(func.count())
        .select_from(Delivery)
        .where(
            Delivery.campaign_id.in_(lately),
            Delivery.claimed_at >= begins_at,
            or_(
                Delivery.state.in_(HANDED_OVER),
                Delivery.state.in_([State.refused, State.expired]) & said_something,
            ),
        )
    )
    if server:
        counted = counted.where(
            or_(Delivery.server == server, Delivery.state == State.claimed, ~said_something)
        )
    return session.scalar(counted) or 0
