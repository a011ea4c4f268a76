"""Drafts that rest: nobody has written in them for a while; one that waits for somebody's word is none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app.tips.models import Tip
from newsletter_app.tips.writing.models import TipRevision


def count_resting(session: Session, before: datetime) -> int:
    """Return how many drafts were last written in ``before`` a moment."""
    written = select(func.max(TipRevision.saved_at)).where(TipRevision.tip_id == Tip.id).scalar_subquery()
    resting = select(func.count()).where(
        Tip.state == "draft",
        Tip.stage == "draft",
        Tip.withdrawn_at.is_(None),
        func.coalesce(written, Tip.created_at) < before,
    )
    return session.scalar(resting) or 0
