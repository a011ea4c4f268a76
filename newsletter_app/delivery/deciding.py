"""Uncertain rows that a person decides: somebody knows that they arrived, so nobody asks any more.

The other decision, a second copy, is ``retrying``'s.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery.ending import keep_counts
from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.progress import count_anew
from newsletter_app.ledger import State

DECIDED: Final = "decided"


def count_as_arrived(session: Session, campaign: Campaign, now: datetime) -> int:
    """Let what is uncertain of a campaign count as accepted; return how many rows that were.

    For their readers nothing changes: what is uncertain was never owed to them.
    """
    mine = update(Delivery).where(Delivery.campaign_id == campaign.id, Delivery.state == State.uncertain)
    decided = mine.values(state=State.accepted, reason=DECIDED, settled_at=now)
    rows = session.execute(
        decided.returning(Delivery.subscriber_id), execution_options={"synchronize_session": False}
    ).all()
    if rows and campaign.finished_at is not None:
        keep_counts(session, campaign.id)
        count_anew(session, campaign.id)
    return len(rows)
