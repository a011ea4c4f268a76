"""What came back about deliveries, at hand-over or days later: noted, and the reader suppressed or not.

The state of a row says what its server answered and never changes for what came later; ``feedback`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from newsletter_app import subscribers, suppression
from newsletter_app.delivery.bounce_rules import LOOKED_AT, Try, is_gone, is_lasting
from newsletter_app.delivery.models import Delivery, one_of
from newsletter_app.ledger import Recorded, State
from newsletter_app.mail.refusals import Verdict, classify

BOUNCED: Final = "bounced"
COMPLAINED: Final = "complained"
SETTLED: Final = (State.accepted, State.refused, State.expired)
UNSYNCED: Final = {"synchronize_session": False}


class Followed(StrEnum):
    """What a bounce did: its reader is suppressed, it counts towards that, or it says nothing of them."""

    suppressed = "suppressed"
    counted = "counted"
    nothing = "nothing"


class CameBack(NamedTuple):
    """What became of a campaign's mails after they were accepted, in readers."""

    accepted: int
    bounced: int
    complained: int

    @property
    def complaint_rate(self) -> float:
        """The share of complaints, 0 to 1; providers want it below 0.001 (M48)."""
        return self.complained / max(self.accepted, 1)


def note_bounce(
    session: Session, campaign_id: int, subscriber_id: int, verdict: Verdict, now: datetime
) -> Followed:
    """Note that an accepted mail came back, and suppress its reader where that is called for (M42).

    What is our fault, and what no verdict ties to the address, is noted nowhere: it is no reader's (M40).
    """
    if not verdict.is_about_the_address:
        return Followed.nothing
    _note(session, campaign_id, subscriber_id, BOUNCED, over=("none",))
    return _judge(session, campaign_id, subscriber_id, verdict, now)


def note_complaint(session: Session, campaign_id: int, subscriber_id: int) -> None:
    """Note that the reader complained about this mail; it outweighs a bounce."""
    _note(session, campaign_id, subscriber_id, COMPLAINED, over=("none", BOUNCED))


def suppress_refused(session: Session, rows: Sequence[Recorded], now: datetime) -> None:
    """Suppress the readers of just recorded rows whose refusal says that their address is gone."""
    ended = [row.ids for row in rows if row.state in (State.refused, State.expired)]
    if not ended:
        return
    theirs = select(Delivery).where(one_of(ended))
    for row in session.scalars(theirs.execution_options(populate_existing=True)):
        verdict = _verdict(row)
        if verdict is not None and verdict.is_about_the_address:
            _judge(session, row.campaign_id, row.subscriber_id, verdict, now)


def came_back(session: Session, campaign_id: int) -> CameBack:
    """Count a campaign's accepted mails, and those among all that came back or were complained about."""
    counted = select(
        func.count().filter(Delivery.state == State.accepted),
        func.count().filter(Delivery.feedback == BOUNCED),
        func.count().filter(Delivery.feedback == COMPLAINED),
    ).where(Delivery.campaign_id == campaign_id)
    return CameBack(*session.execute(counted).one())


def _judge(
    session: Session, campaign_id: int, subscriber_id: int, verdict: Verdict, now: datetime
) -> Followed:
    reader = subscribers.find(session, subscriber_id)
    if reader is None:
        return Followed.nothing
    if not is_gone(verdict) and not is_lasting(_tries(session, subscriber_id, now)):
        return Followed.counted
    source = f"campaign {campaign_id}: {verdict.kind}, {verdict.reason}"
    suppression.suppress(session, reader.address_key, "bulk", "bounce", source, now)
    return Followed.suppressed


def _tries(session: Session, subscriber_id: int, now: datetime) -> list[Try]:
    mine = select(Delivery).where(Delivery.subscriber_id == subscriber_id, Delivery.state.in_(SETTLED))
    newest = mine.order_by(Delivery.settled_at.desc()).limit(LOOKED_AT)
    rows = session.scalars(newest.execution_options(populate_existing=True))
    return [Try(row.settled_at or now, _came_back(row)) for row in rows]


def _came_back(row: Delivery) -> bool:
    if row.state == State.accepted:
        return row.feedback == BOUNCED
    verdict = _verdict(row)
    return verdict is not None and verdict.is_about_the_address


def _verdict(row: Delivery) -> Verdict | None:
    """Return what a row's last reply means, None where its server said nothing."""
    if row.reply_code is None:
        return None
    return classify(row.reply_code, row.reply_enhanced, row.reply_text or "")


def _note(session: Session, campaign_id: int, subscriber_id: int, feedback: str, over: Sequence[str]) -> None:
    mine = (Delivery.campaign_id == campaign_id, Delivery.subscriber_id == subscriber_id)
    noting = update(Delivery).where(*mine, Delivery.feedback.in_(over)).values(feedback=feedback)
    session.execute(noting, execution_options=UNSYNCED)
