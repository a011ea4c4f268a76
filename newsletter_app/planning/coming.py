"""What is scheduled, and which days' mails are over: what next mails are told by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Cadence, Campaign, CampaignNotice
from newsletter_app.kernel.remembering import once


def scheduled(
    session: Session, notice_ids: Iterable[int], *, after: datetime, since: datetime
) -> list[datetime]:
    """Return when tips are to come out in these notices ``after`` a moment, and not before ``since``."""
    ids = tuple(sorted(notice_ids))
    coming = (
        select(Campaign.due_at)
        .join(CampaignNotice, CampaignNotice.campaign_id == Campaign.id)
        .where(
            Campaign.state == "scheduled",
            Campaign.day.is_(None),
            CampaignNotice.notice_id.in_(ids),
            Campaign.due_at > after,
            Campaign.due_at >= since,
        )
        .order_by(Campaign.due_at)
    )
    question = ("scheduled", ids, after, since)
    return list(once(session, question, lambda: session.scalars(coming).all()))


def over(session: Session, cadence: Cadence, since: date) -> set[str]:
    """Return the occurrences of a cadence for days ``since`` one that were launched, held or cancelled."""
    begun = (
        select(Campaign.occurrence)
        .where(Campaign.cadence == cadence, Campaign.day >= since)
        .where(or_(Campaign.state != "scheduled", Campaign.started_at.is_not(None)))
    )
    return set(session.scalars(begun))
