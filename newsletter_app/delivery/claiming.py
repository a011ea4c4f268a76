"""The claim: one statement takes what may be sent and settles what may not; it hands nothing over.

The same look decides again about rows claimed more than a second ago, so that a stop in between is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, case, exists, func, literal, null, or_, select, update
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, EditionItem
from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.owing import give_back_recorded
from newsletter_app.delivery.rules import CHANGED, ENDED, HELD, PAUSED, SENDABLE, SUPPRESSED, TOO_LATE
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.ledger import Recorded, State
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from newsletter_app.suppression import Suppression
from newsletter_app.tips import Publication


@dataclass(frozen=True, slots=True)
class Place:
    """Where a claim takes from, and for whom."""

    campaign_id: int
    shard: int
    sender_id: int
    claim_no: int


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A claimed row with what its message needs to know about its reader."""

    ids: tuple[int, int]
    claim_no: int
    attempts: int
    expires_at: datetime | None
    edition_id: int
    first_attempt_at: datetime
    address: str
    name: str
    nonce: bytes
    asked_at: datetime

    @property
    def subscriber_id(self) -> int:
        """The reader."""
        return self.ids[1]


def claim_rows(session: Session, place: Place, now: datetime, limit: int) -> list[ClaimedDelivery]:
    """Take up to ``limit`` due rows of a shard; those that may not be sent are settled on the way."""
    judged = _judged(_due(place, now, limit), now)
    settled = _settle(session, judged, now, place)
    give_back_recorded(session, settled, now)
    return _with_readers(session, place, [row.ids for row in settled if row.state == State.claimed])


def recheck_rows(
    session: Session, place: Place, rows: Sequence[tuple[int, int]], now: datetime
) -> set[tuple[int, ...]]:
    """Look again at claimed rows, in one statement; return those that may no longer be sent, now settled.

    Rows of a campaign that was paused or cancelled meanwhile go back to queued.
    """
    mine = select(Delivery.campaign_id, Delivery.subscriber_id, Delivery.edition_id).where(
        Delivery.campaign_id == place.campaign_id,
        Delivery.subscriber_id.in_([subscriber_id for _, subscriber_id in rows]),
        Delivery.state == State.claimed,
        Delivery.claim_sender == place.sender_id,
        Delivery.claim_no == place.claim_no,
    )
    judged = _judged(mine.cte("mine"), now)
    settled = _settle(session, judged, now, place, judged.c.verdict != SENDABLE)
    give_back_recorded(session, settled, now)
    return {row.ids for row in settled}


def _due(place: Place, now: datetime, limit: int) -> CTE:
    """Rows to take: the queued in the order of their key, and retries whose time has come."""
    rows = select(Delivery.campaign_id, Delivery.subscriber_id, Delivery.edition_id).where(
        Delivery.campaign_id == place.campaign_id,
        Delivery.shard == place.shard,
        Delivery.due_at <= now,
        exists().where(Campaign.id == place.campaign_id, Campaign.state == "sending"),
    )
    late = rows.where(Delivery.state == State.deferred).order_by(Delivery.due_at)
    fresh = rows.where(Delivery.state == State.queued).order_by(Delivery.subscriber_id)
    parts = []
    for name, part in (("late", late), ("fresh", fresh)):
        taken = part.limit(limit).with_for_update(skip_locked=True, of=Delivery).cte(name)
        parts.append(select(taken.c.campaign_id, taken.c.subscriber_id, taken.c.edition_id))
    return parts[0].union_all(parts[1]).limit(limit).cte("due")


def _judged(rows: CTE, now: datetime) -> CTE:
    """Add to each row what a look at its reader and its campaign says."""
    in_edition = _subscription_of(rows)
    verdict = case(
        (Campaign.state != "sending", HELD),
        (or_(Subscriber.id.is_(None), ~in_edition(active=True)), ENDED),
        (exists().where(Suppression.address_key == Subscriber.address_key), SUPPRESSED),
        (Subscriber.paused_until > now, PAUSED),
        (in_edition(active=False), CHANGED),
        (Campaign.expires_at <= now, TOO_LATE),
        else_=SENDABLE,
    )
    return (
        select(rows.c.campaign_id, rows.c.subscriber_id, verdict.label("verdict"))
        .select_from(rows)
        .join(Campaign, Campaign.id == rows.c.campaign_id)
        .outerjoin(Subscriber, Subscriber.id == rows.c.subscriber_id)
        .cte("judged")
    )


def _subscription_of(rows: CTE) -> Any:
    """Return a question about a row: is there a notice of its edition in which the reader is (not) active?"""

    def stands(*, active: bool) -> ColumnElement[bool]:
        # Correlated by name: two levels in, the rows would stand for any reader of the batch.
        subscribed = (
            exists()
            .where(
                Subscription.subscriber_id == rows.c.subscriber_id,
                Subscription.notice_id == Publication.notice_id,
                Subscription.state == "active",
            )
            .correlate(rows, Publication)
        )
        return (
            select(EditionItem.edition_id)
            .join(Publication, Publication.id == EditionItem.publication_id)
            .where(EditionItem.edition_id == rows.c.edition_id, subscribed if active else ~subscribed)
            .correlate(rows)
            .exists()
        )

    return stands


def _settle(
    session: Session, judged: CTE, now: datetime, place: Place, *conditions: ColumnElement[bool]
) -> list[Recorded]:
    """Write every verdict: claimed, queued again, expired or skipped with its reason."""
    verdict = judged.c.verdict
    untried = and_(verdict == HELD, Delivery.attempts == 0)
    statement = (
        update(Delivery)
        .where(
            Delivery.campaign_id == judged.c.campaign_id,
            Delivery.subscriber_id == judged.c.subscriber_id,
            *conditions,
        )
        .values(
            state=case(
                (verdict == SENDABLE, literal(str(State.claimed))),
                (verdict == HELD, literal(str(State.queued))),
                (verdict == TOO_LATE, literal(str(State.expired))),
                else_=literal(str(State.skipped)),
            ),
            reason=case((verdict.in_([SENDABLE, HELD]), null()), else_=verdict),
            claim_sender=place.sender_id,
            claim_no=place.claim_no,
            claimed_at=now,
            first_attempt_at=case(
                (untried, null()),
                (verdict == SENDABLE, func.coalesce(Delivery.first_attempt_at, literal(now, UtcDateTime))),
                else_=Delivery.first_attempt_at,
            ),
            settled_at=case((verdict.in_([SENDABLE, HELD]), null()), else_=literal(now, UtcDateTime)),
        )
        .returning(Delivery.campaign_id, Delivery.subscriber_id, Delivery.state, Delivery.reason)
    )
    rows = session.execute(statement, execution_options={"synchronize_session": False})
    return [Recorded((campaign, subscriber), state, reason) for campaign, subscriber, state, reason in rows]


def _with_readers(session: Session, place: Place, rows: Sequence[tuple[int, ...]]) -> list[ClaimedDelivery]:
    """Read what the messages need, in the claim's transaction; ``asked_at`` is the oldest consent here."""
    statement = (
        select(
            Delivery.subscriber_id,
            Delivery.attempts,
            Campaign.expires_at,
            Delivery.edition_id,
            Delivery.first_attempt_at,
            Subscriber.address,
            Subscriber.name,
            Subscriber.nonce,
            _asked_at(),
        )
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(
            Delivery.campaign_id == place.campaign_id,
            Delivery.subscriber_id.in_([subscriber_id for _, subscriber_id in rows]),
        )
        .order_by(Delivery.subscriber_id)
    )
    return [
        ClaimedDelivery((place.campaign_id, subscriber_id), place.claim_no, *facts)
        for subscriber_id, *facts in session.execute(statement)
    ]


def _asked_at() -> Any:
    return (
        select(func.min(func.coalesce(Subscription.confirmed_at, Subscription.created_at)))
        .join(Publication, Publication.notice_id == Subscription.notice_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .where(
            EditionItem.edition_id == Delivery.edition_id,
            Subscription.subscriber_id == Delivery.subscriber_id,
            Subscription.state == "active",
        )
        .correlate(Delivery)
        .scalar_subquery()
    )
