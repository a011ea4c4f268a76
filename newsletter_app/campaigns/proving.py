"""Launches that wait until others can believe who sends: held by one check of the DNS, freed by another."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import authentication
from newsletter_app.authentication import Identity, Word
from newsletter_app.campaigns import rules
from newsletter_app.campaigns.models import Campaign

ROOM: Final = 300


def is_to_wait(session: Session, campaign: Campaign, sender: Identity | None) -> bool:
    """Tell whether a due campaign stays where it is, and hold it where the last check found faults.

    While the first check is under way it is only late: that takes seconds.
    """
    if campaign.authentication_waived_by:
        return False
    word = authentication.last_word(session, sender)
    if word is Word.stay:
        faults = (f"{fault.code}:{fault.subject}" for fault in authentication.known_faults(session, sender))
        campaign.state, campaign.paused_by = "paused", rules.BY_CHECK
        campaign.pause_reason = ",".join(faults)[:ROOM]
    return word is not Word.go


def release_proven(session: Session, sender: Identity | None, now: datetime) -> list[int]:
    """Let go what was held for the DNS, if it is well now; what a person paused meanwhile stays.

    Returns the ids of the campaigns that are due again: now, or when they were to go out anyway.
    """
    held = select(Campaign).where(
        Campaign.state == "paused", Campaign.paused_by == rules.BY_CHECK, Campaign.started_at.is_(None)
    )
    if authentication.last_word(session, sender) is not Word.go:
        return []
    campaigns = session.scalars(held.order_by(Campaign.id).with_for_update(skip_locked=True)).all()
    for campaign in campaigns:
        campaign.state, campaign.paused_by, campaign.pause_reason = "scheduled", None, ""
        campaign.due_at = max(campaign.due_at, now)
    session.flush()
    return [campaign.id for campaign in campaigns]


def waive_authentication(session: Session, campaign: Campaign, by: str) -> None:
    """Let a campaign be launched although others may not believe it, on the word of ``by``."""
    campaign.authentication_waived_by = by[:320]
    session.flush()
