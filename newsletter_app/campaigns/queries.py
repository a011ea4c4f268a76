"""Questions to campaigns: which there are, which comes next, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns.models import Campaign, CampaignNotice, Edition
from newsletter_app.campaigns.rules import occurrence_of_tip
from newsletter_app.kernel.remembering import once
from newsletter_app.tips import Tip


def find(session: Session, campaign_id: int) -> Campaign | None:
    """Return one campaign, or None."""
    return session.get(Campaign, campaign_id)


def find_by_occurrence(session: Session, occurrence: str) -> Campaign | None:
    """Return the campaign of ``tip:24`` or the like, or None."""
    mine = select(Campaign).where(Campaign.occurrence == occurrence)
    return once(session, (Campaign, occurrence), lambda: session.scalars(mine).one_or_none())


def find_of_tip(session: Session, tip: Tip) -> Campaign | None:
    """Return the one campaign that sends ``tip`` by itself, or None."""
    return find_by_occurrence(session, occurrence_of_tip(tip.id, tip.number))


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
    """Return the scheduled tips still to come, the earliest first."""
    coming = select(Campaign).where(
        Campaign.state == "scheduled", Campaign.due_at > now, Campaign.tip_id.is_not(None)
    )
    return list(session.scalars(coming.order_by(Campaign.due_at, Campaign.id)))


def next_due_for(session: Session, notice_ids: Sequence[int], now: datetime) -> datetime | None:
    """Return when the next scheduled campaign of any of these notices is due, or None."""
    statement = (
        select(func.min(Campaign.due_at))
        .join(CampaignNotice, CampaignNotice.campaign_id == Campaign.id)
        .where(Campaign.state == "scheduled", Campaign.due_at > now, CampaignNotice.notice_id.in_(notice_ids))
    )
    return session.scalar(statement)
