"""Endings: campaigns that are done, and rows that nobody will hand over any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from newsletter_app.campaigns import GIVEN_BACK, Campaign, Edition
from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.owing import give_back
from newsletter_app.delivery.rules import CANCELLED
from newsletter_app.ledger import State

OPEN = (State.queued, State.claimed, State.deferred)
WAITING = (State.queued, State.deferred)


def finish(session: Session, campaign_id: int, now: datetime) -> bool:
    """End a campaign in state sending when none of its rows is open; its compiled editions are let go."""
    is_open = exists().where(Delivery.campaign_id == campaign_id, Delivery.state.in_(OPEN))
    statement = (
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.state == "sending", ~is_open)
        .values(state="finished", finished_at=now)
        .returning(Campaign.id)
    )
    if session.scalar(statement) is None:
        return False
    session.execute(update(Edition).where(Edition.campaign_id == campaign_id).values(compiled=None))
    return True


def drop_cancelled(session: Session, campaign: Campaign, now: datetime) -> int:
    """Skip the waiting rows of a cancelled campaign, given back where staff chose so; return how many.

    Claimed rows are their holder's; what comes back from it unsent is dropped the next time.
    """
    if campaign.state != "cancelled":
        return 0
    waiting = and_(Delivery.campaign_id == campaign.id, Delivery.state.in_(WAITING))
    if campaign.pause_reason == GIVEN_BACK:
        give_back(session, waiting, now)
    statement = update(Delivery).where(waiting).values(state=State.skipped, reason=CANCELLED, settled_at=now)
    return len(session.execute(statement.returning(Delivery.subscriber_id)).all())


def cancelled_with_rows(session: Session) -> list[Campaign]:
    """Return the cancelled campaigns that still have waiting rows."""
    waiting = exists().where(Delivery.campaign_id == Campaign.id, Delivery.state.in_(WAITING))
    return list(session.scalars(select(Campaign).where(Campaign.state == "cancelled", waiting)))
