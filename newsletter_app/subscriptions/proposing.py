"""The time zone that a reader's own browser told when they signed up: proposed to them, no more."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app.subscriptions.models import Signup


def proposed_zone(session: Session, subscriber_id: int) -> str:
    """Return the zone of the newest form that this reader confirmed, "" if it told none."""
    told = select(Signup.time_zone).where(
        Signup.subscriber_id == subscriber_id, Signup.confirmed_at.is_not(None), Signup.time_zone != ""
    )
    return session.scalar(told.order_by(Signup.id.desc()).limit(1)) or ""


def forget_proposed_zone(session: Session, subscriber_id: int) -> None:
    """Propose none any more: the reader has said which one is theirs."""
    mine = update(Signup).where(Signup.subscriber_id == subscriber_id, Signup.time_zone != "")
    session.execute(mine.values(time_zone=""))
