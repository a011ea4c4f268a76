"""Deliveries of somebody who is erased: nothing waits for them, and a row says only what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.rules import ENDED, WAITING
from newsletter_app.ledger import State

# No reader's domain is this one, so that a reply that is recorded afterwards knows the row by it.
NOWHERE: Final = ""


def erase(session: Session, subscriber_id: int, now: datetime) -> list[int]:
    """Skip what waits for this reader and empty what tells of them; return the campaigns of their rows.

    The rows stay, so that no campaign's counts change. Their number leads to nobody once the subscriber is
    gone: no id is ever given twice. What is handed over this very moment is recorded without its reply.
    """
    theirs = Delivery.subscriber_id == subscriber_id
    waiting = update(Delivery).where(theirs, Delivery.state.in_(WAITING))
    session.execute(waiting.values(state=State.skipped, reason=ENDED, settled_at=now))
    # A domain of one's own is a name as well.
    emptied = update(Delivery).where(theirs).values(domain=NOWHERE, reply_text=None)
    return list(session.scalars(emptied.returning(Delivery.campaign_id)))
