"""Campaigns that no server takes mail for: paused by machine, with the reason, and going on by machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from newsletter_app.campaigns import rules
from newsletter_app.campaigns.models import Campaign
from newsletter_app.kernel.rings import ring

ROOM: Final = 300
BROKEN_OFF: Final = (Campaign.state == "paused", Campaign.paused_by == rules.BY_BREAKER)
UNSYNCED: Final = {"synchronize_session": False}


def break_off(session: Session, reason: str) -> list[int]:
    """Pause every campaign that sends, for this ``reason``; return their ids.

    Those that are paused so already learn the reason, too: a probe may have heard another one.
    """
    told = {"pause_reason": reason[:ROOM]}
    pausing = {"state": "paused", "paused_by": rules.BY_BREAKER, **told}
    statement = update(Campaign).where(Campaign.state == "sending").values(pausing).returning(Campaign.id)
    broken = sorted(session.scalars(statement, execution_options=UNSYNCED))
    session.execute(update(Campaign).where(*BROKEN_OFF).values(told), execution_options=UNSYNCED)
    return broken


def broken_off(session: Session) -> list[int]:
    """Return the campaigns that are paused because no server took mail, the earliest due first."""
    theirs = select(Campaign.id).where(*BROKEN_OFF)
    return list(session.scalars(theirs.order_by(Campaign.due_at, Campaign.id)))


def late(session: Session, now: datetime) -> list[int]:
    """Return the campaigns whose lifetime is over while they send, or while no server takes their mail."""
    sends = or_(Campaign.state == "sending", and_(*BROKEN_OFF))
    return list(session.scalars(select(Campaign.id).where(sends, Campaign.expires_at <= now)))


def mend(session: Session, campaign_ids: Sequence[int]) -> list[int]:
    """Let campaigns go on that were broken off; what a person paused meanwhile stays. Return their ids."""
    if not campaign_ids:
        return []
    statement = (
        update(Campaign)
        .where(Campaign.id.in_(campaign_ids), *BROKEN_OFF)
        # Planning finds out by itself that it was done.
        .values(state="planning", paused_by=None, pause_reason="")
        .returning(Campaign.id)
    )
    mended = sorted(session.scalars(statement, execution_options=UNSYNCED))
    for campaign_id in mended:
        ring(session, "plan_campaign", campaign_id)
    return mended
