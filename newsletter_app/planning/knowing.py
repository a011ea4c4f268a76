"""What is known of one reader and one tip, gathered for ``explain``; it decides and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_, case, exists, or_, select
from sqlalchemy.orm import Session

from newsletter_app import suppression
from newsletter_app.campaigns import Campaign, EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.notices import Notice
from newsletter_app.planning.asking import next_mail_at
from newsletter_app.planning.explaining import Known, Launch, Mailed, Place
from newsletter_app.planning.owing import is_owed
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Missed, Owed, Series, Subscription
from newsletter_app.tips import ARCHIVE, Publication, Tip


def known_of(session: Session, reader: Subscriber, tip: Tip, now: datetime) -> Known:
    """Return what is known of whether ``reader`` got ``tip``; rows that were retired are not."""
    held = suppression.is_suppressed(session, reader.address_key, "bulk")
    launch = session.scalars(select(Campaign).where(Campaign.tip_id == tip.id)).first()
    return Known(
        tuple(_mailed(session, reader.id, tip.id)),
        tuple(_places(session, reader.id, tip.id)),
        held.reason if held is not None else "",
        reader.paused_until,
        tip.withdrawn_at,
        Launch(launch.state, launch.pause_reason, launch.due_at) if launch is not None else None,
        next_mail_at(session, reader.id, now),
    )


def _mailed(session: Session, subscriber_id: int, tip_id: int) -> Iterator[Mailed]:
    """Yield the reader's deliveries whose edition holds the tip, the newest first."""
    held = (
        select(EditionItem.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(Publication.tip_id == tip_id, ~EditionItem.by_note)
    )
    rows = (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.subscriber_id == subscriber_id, Delivery.edition_id.in_(held))
        .order_by(Delivery.campaign_id.desc())
    )
    for row, campaign in session.execute(rows):
        yield mailed(row, campaign)


def mailed(row: Delivery, campaign: Campaign) -> Mailed:
    """Return a delivery as it is told of."""
    held_for = f"{campaign.paused_by}: {campaign.pause_reason}" if campaign.state == "paused" else ""
    at = row.settled_at or row.claimed_at
    reply = " ".join(filter(None, (str(row.reply_code or ""), row.reply_enhanced, row.reply_text)))
    return Mailed(
        campaign=campaign.occurrence,
        campaign_state=campaign.state,
        held_for=held_for,
        state=row.state,
        reason=row.reason,
        due_at=row.due_at,
        at=at,
        reply=reply,
        feedback=row.feedback,
    )


def _places(session: Session, subscriber_id: int, tip_id: int) -> Iterator[Place]:
    owed = exists().where(is_owed(), Owed.publication_id == Publication.id)
    missed = exists().where(
        Missed.subscription_id == Subscription.id, Missed.publication_id == Publication.id
    )
    theirs = and_(
        Subscription.notice_id == Publication.notice_id, Subscription.subscriber_id == subscriber_id
    )
    runs = and_(Series.subscription_id == Subscription.id, Series.finished_at.is_(None))
    ahead = exists().where(
        Owed.in_series, Owed.subscription_id == Subscription.id, Owed.publication_id == Publication.id
    )
    is_ahead = or_(ahead, and_(~Subscription.live, Publication.seq > Subscription.cursor))
    up_to = case((is_ahead, Series.position))
    rows = (
        select(
            Notice.key, Publication, Subscription, owed.correlate(Subscription, Publication), missed, up_to
        )
        .join(Notice, Notice.id == Publication.notice_id)
        .outerjoin(Subscription, theirs)
        .outerjoin(Series, runs)
        .where(Publication.tip_id == tip_id)
        .order_by(Notice.position, Notice.id)
    )
    for key, place, row, is_owed_to, is_missed, read_up_to in session.execute(rows):
        if row is None:
            yield Place(key, place.seq, place.created_at)
            continue
        times = (row.created_at, row.confirmed_at, row.ended_at)
        facts = (row.state, row.cadence, row.cursor, *times, is_owed_to, is_missed)
        yield Place(key, place.seq, place.created_at, *facts, place.seq >= ARCHIVE, read_up_to)
