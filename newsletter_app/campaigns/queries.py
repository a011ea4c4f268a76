"""Questions to campaigns: which there are, which comes next, and when a reader's next mail is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns.models import Campaign, CampaignNotice, Edition
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription


def find(session: Session, campaign_id: int) -> Campaign | None:
    """Return one campaign, or None."""
    return session.get(Campaign, campaign_id)


def find_by_occurrence(session: Session, occurrence: str) -> Campaign | None:
    """Return the campaign of ``tip:24`` or the like, or None."""
    return session.scalars(select(Campaign).where(Campaign.occurrence == occurrence)).one_or_none()


def newest(session: Session, limit: int) -> list[Campaign]:
    """Return up to ``limit`` campaigns, the latest due first."""
    order = (Campaign.due_at.desc(), Campaign.id.desc())
    return list(session.scalars(select(Campaign).order_by(*order).limit(limit)))


def in_state(session: Session, *states: str) -> list[int]:
    """Return the ids of the campaigns in these states, the earliest due first."""
    order = (Campaign.due_at, Campaign.id)
    return list(session.scalars(select(Campaign.id).where(Campaign.state.in_(states)).order_by(*order)))


def notice_ids_of(session: Session, campaign_id: int) -> list[int]:
    """Return the notices whose readers a campaign goes to, in order of their ids."""
    mine = select(CampaignNotice.notice_id).where(CampaignNotice.campaign_id == campaign_id)
    return list(session.scalars(mine.order_by(CampaignNotice.notice_id)))


def selectors_in_flight(session: Session) -> set[str]:
    """Return the DKIM selectors that mails still to be tried were begun with."""
    signed = select(Edition.signed_by).where(Edition.compiled.is_not(None)).distinct()
    return {name for signed_by in session.scalars(signed) for name in signed_by.split(",") if name}


def upcoming(session: Session, now: datetime) -> list[Campaign]:
    """Return the scheduled campaigns still to come, the earliest first."""
    coming = select(Campaign).where(Campaign.state == "scheduled", Campaign.due_at > now)
    return list(session.scalars(coming.order_by(Campaign.due_at, Campaign.id)))


def next_due_at(session: Session, subscriber_id: int, now: datetime) -> datetime | None:
    """Return when this reader's next mail is due, or None while nothing they get is scheduled.

    Counts their active subscriptions with cadence *each*; none while they are paused past that time.
    """
    statement = (
        select(func.min(Campaign.due_at))
        .join(CampaignNotice, CampaignNotice.campaign_id == Campaign.id)
        .join(Subscription, Subscription.notice_id == CampaignNotice.notice_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Campaign.state == "scheduled",
            Campaign.due_at > now,
            Subscription.subscriber_id == subscriber_id,
            Subscription.state == "active",
            Subscription.cadence == Campaign.cadence,
            or_(Subscriber.paused_until.is_(None), Subscriber.paused_until <= Campaign.due_at),
        )
    )
    return session.scalar(statement)


def next_due_for(session: Session, notice_ids: Sequence[int], now: datetime) -> datetime | None:
    """Return when the next scheduled campaign of any of these notices is due, or None."""
    statement = (
        select(func.min(Campaign.due_at))
        .join(CampaignNotice, CampaignNotice.campaign_id == Campaign.id)
        .where(Campaign.state == "scheduled", Campaign.due_at > now, CampaignNotice.notice_id.in_(notice_ids))
    )
    return session.scalar(statement)
