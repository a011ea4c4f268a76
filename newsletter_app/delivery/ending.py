"""Endings: campaigns that are done, and rows that nobody will hand over any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import Session

from newsletter_app.campaigns import CORRECTION, ENDED, GIVEN_BACK, Campaign, Edition
from newsletter_app.delivery.models import Delivery, DeliveryCount, ShardLease
from newsletter_app.delivery.owing import give_back, untell
from newsletter_app.delivery.rules import CANCELLED, OPEN, TOO_LATE, WAITING
from newsletter_app.delivery.shards import at_rest, close_shards
from newsletter_app.ledger import State


def finish(session: Session, campaign_id: int, now: datetime) -> bool:
    """End a campaign in state sending when none of its rows is open, and keep its counts.

    The rows are asked only once every shard was found at rest.
    """
    is_open = exists().where(Delivery.campaign_id == campaign_id, Delivery.state.in_(OPEN))
    sending = and_(Campaign.id == campaign_id, Campaign.state == "sending")
    if not session.scalar(select(at_rest(campaign_id)).where(sending)):
        return False
    statement = (
        update(Campaign)
        .where(sending, ~is_open)
        .values(state="finished", finished_at=now)
        .returning(Campaign.id)
    )
    if session.scalar(statement) is None:
        return False
    close_shards(session, campaign_id)
    keep_counts(session, campaign_id)
    return True


def let_editions_go(session: Session, now: datetime) -> int:
    """Drop the compiled mails of campaigns that ended and whose lifetime is over; return how many.

    Not sooner: until then a row may be tried again, and must be with the same octets (M4).
    """
    over = select(Campaign.id).where(Campaign.state.in_(ENDED), Campaign.expires_at <= now)
    kept = select(Edition.id).where(Edition.compiled.is_not(None), Edition.campaign_id.in_(over))
    gone = session.scalars(kept).all()
    if gone:
        session.execute(update(Edition).where(Edition.id.in_(gone)).values(compiled=None))
    return len(gone)


def expire_late(session: Session, campaign_id: int, now: datetime) -> int:
    """Expire the waiting rows of a campaign whose lifetime is over, and give them back; return how many.

    A claim does the same on its way; but nobody claims while every server is out, or for a domain on hold.
    """
    waiting = and_(Delivery.campaign_id == campaign_id, Delivery.state.in_(WAITING))
    give_back(session, waiting, now)
    untell(session, waiting)
    statement = update(Delivery).where(waiting).values(state=State.expired, reason=TOO_LATE, settled_at=now)
    expired = len(session.execute(statement.returning(Delivery.subscriber_id)).all())
    let_end(session, campaign_id)
    return expired


def drop_cancelled(session: Session, campaign: Campaign, now: datetime) -> int:
    """Skip the waiting rows of a cancelled campaign, given back where staff chose so; return how many.

    Corrections of tips that came before are not lost with it, unless it is the correction that is dropped.
    Claimed rows are their holder's; what comes back from it unsent is dropped the next time.
    """
    if campaign.state != "cancelled":
        return 0
    mine = Delivery.campaign_id == campaign.id
    waiting = and_(mine, Delivery.state.in_(WAITING))
    if campaign.pause_reason == GIVEN_BACK:
        give_back(session, waiting, now)
    if campaign.pause_reason == GIVEN_BACK or campaign.kind != CORRECTION:
        untell(session, waiting)
    statement = update(Delivery).where(waiting).values(state=State.skipped, reason=CANCELLED, settled_at=now)
    dropped = len(session.execute(statement.returning(Delivery.subscriber_id)).all())
    if let_end(session, campaign.id):
        keep_counts(session, campaign.id)
    return dropped


def let_end(session: Session, campaign_id: int) -> bool:
    """Forget the shards of a campaign, so that it can end without a walk; False while a row is open."""
    is_open = exists().where(Delivery.campaign_id == campaign_id, Delivery.state.in_(OPEN))
    if session.scalar(select(is_open)):
        return False
    close_shards(session, campaign_id)
    return True


def cancelled_with_rows(session: Session) -> list[Campaign]:
    """Return the cancelled campaigns that may still have open rows."""
    has_shards = exists().where(ShardLease.campaign_id == Campaign.id)
    return list(session.scalars(select(Campaign).where(Campaign.state == "cancelled", has_shards)))


def keep_counts(session: Session, campaign_id: int) -> None:
    """Write down how many rows ended in which state and why, so that the rows themselves can be retired."""
    session.execute(delete(DeliveryCount).where(DeliveryCount.campaign_id == campaign_id))
    kind = (Delivery.campaign_id, Delivery.state, func.coalesce(Delivery.reason, ""))
    counted = select(*kind, func.count()).where(Delivery.campaign_id == campaign_id).group_by(*kind)
    names = ["campaign_id", "state", "reason", "readers"]
    session.execute(plain_insert(DeliveryCount).from_select(names, counted))
