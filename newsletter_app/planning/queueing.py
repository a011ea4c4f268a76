"""Queueing: a delivery for each reader who is to get a campaign's mail, in the shard of its reader."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, literal, select, true
from sqlalchemy.orm import Session

from newsletter_app.delivery import SHARDS, Delivery
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import State


def queue(session: Session, campaign_id: int, mails: Select[Any], *, asks: bool = True) -> None:
    """Queue ``mails``, which selects subscriber_id, domain, edition_id and due_at; nobody gets a second one.

    Who has one already got the mail before this database was restored. The key says so: looked for
    beforehand, PostgreSQL read all that the statement had written so far for every reader. Where it is
    known that nobody has one, ``asks`` False spares a quarter of the insertion; whoever else writes
    deliveries holds the campaign, as planning does (``delivery/adopting.py``).
    """
    theirs = mails.subquery("mails")
    chosen = {
        "campaign_id": literal(campaign_id),
        "subscriber_id": theirs.c.subscriber_id,
        "shard": theirs.c.subscriber_id % SHARDS,
        "edition_id": theirs.c.edition_id,
        "domain": theirs.c.domain,
        "state": literal(str(State.queued)),
        "due_at": theirs.c.due_at,
        "attempts": literal(0),
        "feedback": literal("none"),
    }
    # SQLite's parser needs a condition to tell the selection from the conflict (sqlite.org/lang_upsert).
    rows = select(*chosen.values()).where(true())
    made = insert(session, Delivery).from_select(list(chosen), rows, include_defaults=False)
    session.execute(made.on_conflict_do_nothing() if asks else made)
