"""A launch that waits for its tip's review goes out once the tip was checked again, by nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import rules
from newsletter_app.campaigns.models import Campaign
from newsletter_app.campaigns.service import resume
from newsletter_app.preflight import REVIEW_OVERDUE
from newsletter_app.tips import Tip


def release_reviewed(session: Session, tip: Tip, by: str, now: datetime) -> Campaign | None:
    """Let the campaign of ``tip`` go that was held for its review alone; return it, or None where none was.

    The launch looks at everything again: a review that is past already holds it anew.
    """
    held = select(Campaign).where(
        Campaign.tip_id == tip.id,
        Campaign.state == "paused",
        Campaign.paused_by == rules.BY_QUESTION,
        Campaign.pause_reason == REVIEW_OVERDUE,
        Campaign.started_at.is_(None),
    )
    campaign = session.scalar(held.with_for_update())
    if campaign is not None:
        resume(session, campaign, by, now)
    return campaign
