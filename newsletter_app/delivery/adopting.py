"""Adopting: mails that only the journals of a restored database know are written down as done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery.models import SHARDS, Delivery
from newsletter_app.delivery.rules import OPEN
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import Fate
from newsletter_app.subscribers import Subscriber

NO_EDITION: Final = 0  # Which content it was, the lost part of the database knew.
JOURNAL: Final = "journal"


def adopt(session: Session, fates: Sequence[Fate], noticed_at: datetime, now: datetime) -> int:
    """Insert a settled delivery for each (campaign, subscriber) in ``fates``; return how many.

    Only for campaigns older than ``noticed_at``: the number of a younger one was given away twice. A row that
    was planned since it was looked for, and still waits, is settled: else its reader got a second copy.
    """
    campaigns = select(Campaign.id, Campaign.due_at).where(
        Campaign.id.in_({ids[0] for ids, _ in fates}), Campaign.created_at < noticed_at
    )
    # Held, as planning holds them: it does not look for what comes while it writes the same readers' rows.
    held = campaigns.order_by(Campaign.id).with_for_update(read=True)
    due = {row.id: row.due_at for row in session.execute(held)}
    readers = select(Subscriber.id, Subscriber.domain).where(Subscriber.id.in_({ids[1] for ids, _ in fates}))
    domains = {row.id: row.domain for row in session.execute(readers)}
    rows = [
        {
            "campaign_id": campaign_id,
            "subscriber_id": reader,
            "shard": reader % SHARDS,
            "edition_id": NO_EDITION,
            "domain": domains[reader],
            "state": state,
            "reason": JOURNAL,
            "due_at": due[campaign_id],
            "attempts": 1,
            "settled_at": now,
        }
        for (campaign_id, reader), state in fates
        if campaign_id in due and reader in domains
    ]
    if rows:
        made = insert(session, Delivery).values(rows)
        settled = {name: made.excluded[name] for name in ("state", "reason", "settled_at")}
        keys = ["campaign_id", "subscriber_id"]
        session.execute(
            made.on_conflict_do_update(index_elements=keys, set_=settled, where=Delivery.state.in_(OPEN))
        )
    return len(rows)
