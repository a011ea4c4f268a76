"""Why sending stands still: a reason is one event from when it is first seen until it was gone for an hour.

What a person paused is no trouble.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app import ledger
from newsletter_app.campaigns import BY_BREAKER, BY_CHECK, BY_QUESTION, Campaign
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.upserts import insert
from newsletter_app.staff_mail.events import Event, Facts, of_campaign
from newsletter_app.staff_mail.models import Stoppage

# A server that comes and goes is one trouble, not one each minute.
QUIET: Final = timedelta(hours=1)
# How exactly the time of the last look is kept; nothing is written oftener.
SEEN_EVERY: Final = timedelta(minutes=5)


class Reason(NamedTuple):
    """Why mail stands still: its key, the page about it, why in a word, what was said, whose campaign."""

    key: str
    page: str
    why: str
    said: str
    campaign: Campaign | None = None


def stopped(session: Session, now: datetime) -> Iterator[Event]:
    """Yield each reason that stands now; those seen anew are written down."""
    for reason in _reasons(session):
        began_at = _began_at(session, reason.key, now)
        about = f"{reason.key}@{began_at:%Y%m%dT%H%M%S}"
        yield Event("stopped", about, reason.page, now, _facts(session, reason))


def _reasons(session: Session) -> Iterator[Reason]:
    for lock in ledger.locks(session):
        yield Reason(f"lock:{lock.reason}", "console/campaigns", "lock", lock.reason)
    machines = (BY_BREAKER, BY_CHECK, BY_QUESTION)
    held = select(Campaign).where(Campaign.state == "paused", Campaign.paused_by.in_(machines))
    shared: set[str] = set()
    for campaign in session.scalars(held.order_by(Campaign.id)).all():
        page, said = f"console/campaigns/{campaign.id}", campaign.pause_reason
        if campaign.paused_by == BY_QUESTION:
            digest = hashlib.sha256(said.encode()).hexdigest()[:12]
            yield Reason(f"question:{campaign.id}:{digest}", page, said.partition(":")[0], said, campaign)
        elif campaign.paused_by not in shared:
            # All that a server or the DNS holds up is held up by one thing.
            shared.add(campaign.paused_by or "")
            yield Reason(str(campaign.paused_by), page, str(campaign.paused_by), said, campaign)


def _began_at(session: Session, key: str, now: datetime) -> datetime:
    """Return since when a reason stands, begun anew if it was gone for a while; two beats agree."""
    row = insert(session, Stoppage).values(key=key, began_at=now, seen_at=now)
    session.execute(row.on_conflict_do_nothing())
    mine = update(Stoppage).where(Stoppage.key == key).execution_options(synchronize_session=False)
    session.execute(mine.where(Stoppage.seen_at < now - QUIET).values(began_at=now, seen_at=now))
    session.execute(mine.where(Stoppage.seen_at < now - SEEN_EVERY).values(seen_at=now))
    return session.scalars(select(Stoppage.began_at).where(Stoppage.key == key)).one()


def _facts(session: Session, reason: Reason) -> Facts:
    def facts(language: Language) -> dict[str, Any]:
        called = of_campaign(session, reason.campaign, language) if reason.campaign is not None else None
        return {"why": reason.why, "said": reason.said, "called": called}

    return facts
