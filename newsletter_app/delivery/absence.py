"""After the machine was away: mail whose hour is long past waits for a person, who may send it or not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import OVERDUE, OVERDUE_AFTER, hold, in_state, is_overdue
from newsletter_app.delivery.models import Delivery
from newsletter_app.ledger import State


def hold_after_absence(session: Session, last_tick_at: datetime | None, now: datetime) -> list[int]:
    """Hold and return the campaigns with readers whose hour passed more than six hours ago, unnoticed.

    Only if nobody ticked for so long: a pace or a warm-up may take days, and that is no absence. What is
    less late is sent at once.
    """
    if last_tick_at is None or not is_overdue(last_tick_at, now):
        return []
    return [
        campaign_id
        for campaign_id in in_state(session, "planning", "sending")
        if _is_late(session, campaign_id, now) and hold(session, campaign_id, OVERDUE)
    ]


def _is_late(session: Session, campaign_id: int, now: datetime) -> bool:
    late = exists().where(
        Delivery.campaign_id == campaign_id,
        Delivery.state == State.queued,
        Delivery.first_attempt_at.is_(None),
        Delivery.due_at < now - OVERDUE_AFTER,
    )
    return bool(session.scalar(select(late)))
