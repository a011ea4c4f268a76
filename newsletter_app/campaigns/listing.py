"""Campaigns as a person looks for them: what is to come, what runs, what ended, which slot is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.campaigns.cadences import slot_of
from newsletter_app.campaigns.models import Campaign, CampaignNotice
from newsletter_app.campaigns.occurrences import next_slot
from newsletter_app.campaigns.rules import ENDED
from newsletter_app.kernel.remembering import once
from newsletter_app.tips import Tip

HELD = ("scheduled", "paused")


def to_come(session: Session) -> list[Campaign]:
    """Return what has not begun, held launches among it, the earliest first."""
    waiting = select(Campaign).where(Campaign.state.in_(HELD), Campaign.started_at.is_(None))
    in_order = waiting.order_by(Campaign.due_at, Campaign.id)
    return list(once(session, "campaigns to come", lambda: session.scalars(in_order).all()))


def under_way(session: Session) -> list[Campaign]:
    """Return what has begun and not ended, paused or not, the newest first."""
    begun = select(Campaign).where(Campaign.started_at.is_not(None), Campaign.state.not_in(ENDED))
    in_order = begun.order_by(Campaign.started_at.desc(), Campaign.id.desc())
    return list(once(session, "campaigns under way", lambda: session.scalars(in_order).all()))


def ended(session: Session, limit: int, before: int | None = None) -> list[Campaign]:
    """Return up to ``limit`` campaigns that ended, the newest first; those below the id ``before``."""
    over = select(Campaign).where(Campaign.state.in_(ENDED))
    if before is not None:
        over = over.where(Campaign.id < before)
    return list(session.scalars(over.order_by(Campaign.id.desc()).limit(limit)))


def unsent_tips(session: Session, limit: int) -> list[Tip]:
    """Return tips that no campaign sent or is to send, what was written last first."""
    taken = select(Campaign.tip_id).where(Campaign.tip_id == Tip.id, _is_taken()).exists()
    unsent = select(Tip).where(~taken, Tip.withdrawn_at.is_(None))
    newest = unsent.order_by(Tip.id.desc()).limit(limit).options(*tips.TITLES_ALONE)
    return list(session.scalars(newest))


def free_slot(session: Session, notice_ids: Sequence[int], now: datetime) -> datetime:
    """Return the organisation's next slot for each tip at which none of these notices sends another."""
    slot = slot_of(session, "each")
    coming = (
        select(Campaign.due_at)
        .join(CampaignNotice, CampaignNotice.campaign_id == Campaign.id)
        .where(Campaign.state == "scheduled", CampaignNotice.notice_id.in_(notice_ids))
    )
    taken = once(session, ("taken slots", *notice_ids), lambda: set(session.scalars(coming)))
    found = next_slot(now, slot)
    while found in taken:
        found = next_slot(found, slot)
    return found


def _is_taken() -> ColumnElement[bool]:
    return or_(Campaign.state != "cancelled", Campaign.started_at.is_not(None))
