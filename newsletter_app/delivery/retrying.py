"""Retrying on a person's word: rows that ended without their mail are queued again; no tip comes twice.

What was refused but not for good, or expired, was given back to its reader. It is taken back before the row
is queued, and where that is impossible, because a later mail brought the tip or is about to, the row stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, null, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from newsletter_app.campaigns import Campaign, EditionItem, hold_for_retry, reopen
from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.owing import counts_as_delivered
from newsletter_app.delivery.rules import NOT_FOR_GOOD
from newsletter_app.ledger import BreakerKind, State, close_breakers
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Subscription
from newsletter_app.tips import Publication

RETRIED: Final = "retried"


class Kind(StrEnum):
    """What may be tried again: put off, refused but not for good, expired, or uncertain (a second copy)."""

    deferred = "deferred"
    refused = "refused"
    expired = "expired"
    uncertain = "uncertain"


GIVEN_BACK: Final = frozenset({Kind.refused, Kind.expired})


@dataclass(frozen=True, slots=True)
class Retried:
    """Counts: rows queued again or due now by kind, and rows left alone.

    Left alone is who stopped since, and whose tips came or come with another mail.
    """

    rows: Mapping[Kind, int]
    left: int

    @property
    def total(self) -> int:
        """How many rows are tried again."""
        return sum(self.rows.values())


def retryable(session: Session, campaign_id: int) -> dict[Kind, int]:
    """Return how many rows of each kind there are, whether or not each can be tried again."""
    counted = (
        select(Delivery.state, func.count()).where(_of_kinds(campaign_id, Kind)).group_by(Delivery.state)
    )
    found = {Kind(state): count for state, count in session.execute(counted)}
    return {kind: found.get(kind, 0) for kind in Kind}


def retry(session: Session, campaign: Campaign, kinds: Collection[Kind], now: datetime) -> Retried:
    """Queue the rows of these kinds again, or make them due now; a finished campaign goes on.

    Whoever has refusals tried again says that their cause is gone: no domain is on hold any more. Raises
    Breach where nothing may be tried again (see ``campaigns.hold_for_retry``).
    """
    hold_for_retry(session, campaign, now)
    if not {Kind.deferred, Kind.refused}.isdisjoint(kinds):
        close_breakers(session, BreakerKind.domain)
    rows = {kind: _free(session, campaign.id, kind, now) for kind in kinds if kind not in GIVEN_BACK}
    left = 0
    for kind in GIVEN_BACK & set(kinds):
        rows[kind], stay = _take_back(session, campaign.id, kind, now)
        left += stay
    retried = Retried(rows, left)
    if retried.total:
        reopen(session, campaign)
    return retried


def _free(session: Session, campaign_id: int, kind: Kind, now: datetime, *also: ColumnElement[bool]) -> int:
    """Make rows claimable now. Attempts and the first date stay, so that the octets are the same (M4)."""
    # What is put off keeps its state: it has an index of its own.
    state = State.deferred if kind is Kind.deferred else State.queued
    freed = (
        update(Delivery)
        .where(_of_kinds(campaign_id, {kind}), *also)
        .values(state=state, reason=RETRIED, due_at=now, settled_at=null())
        .returning(Delivery.subscriber_id)
    )
    return len(session.execute(freed, execution_options={"synchronize_session": False}).all())


def _take_back(session: Session, campaign_id: int, kind: Kind, now: datetime) -> tuple[int, int]:
    """Queue what can be taken back from its readers, and take it; return how many, and how many stay."""
    _hold_readers(session, campaign_id, kind)
    freed = _free(session, campaign_id, kind, now, _still_reads(), ~_misses_a_tip(), ~_had_a_tip())
    again = and_(
        Delivery.campaign_id == campaign_id, Delivery.state == State.queued, Delivery.reason == RETRIED
    )
    mine = (
        select(Subscription.id, Publication.id)
        .select_from(Delivery)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .join(Subscription, _is_for(Delivery.subscriber_id))
        .where(again)
    )
    taken = delete(Owed).where(tuple_(Owed.subscription_id, Owed.publication_id).in_(mine))
    session.execute(taken, execution_options={"synchronize_session": False})
    left = select(func.count()).select_from(Delivery).where(_of_kinds(campaign_id, {kind}))
    return freed, session.scalar(left) or 0


def _hold_readers(session: Session, campaign_id: int, kind: Kind) -> None:
    """Hold the readers, as planners do and in their order: what is owed is theirs to plan or ours to take."""
    theirs = select(Delivery.subscriber_id).where(_of_kinds(campaign_id, {kind}))
    rows = select(Subscriber.id).where(Subscriber.id.in_(theirs)).order_by(Subscriber.id)
    session.execute(select(func.count()).select_from(rows.with_for_update(key_share=True).subquery()))


def _of_kinds(campaign_id: int, kinds: Collection[Kind] | type[Kind]) -> ColumnElement[bool]:
    ours = or_(Delivery.state != State.refused, Delivery.reason.in_(NOT_FOR_GOOD))
    return and_(Delivery.campaign_id == campaign_id, Delivery.state.in_([str(kind) for kind in kinds]), ours)


def _is_for(subscriber_id: Any) -> ColumnElement[bool]:
    """Join a reader's active subscription to a publication's notice."""
    return and_(
        Subscription.subscriber_id == subscriber_id,
        Subscription.notice_id == Publication.notice_id,
        Subscription.state == "active",
    )


def _still_reads() -> ColumnElement[bool]:
    """Whether the reader is active in a notice of the edition."""
    return (
        select(EditionItem.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .join(Subscription, _is_for(Delivery.subscriber_id))
        .where(EditionItem.edition_id == Delivery.edition_id)
        .correlate(Delivery)
        .exists()
    )


def _misses_a_tip() -> ColumnElement[bool]:
    """Whether something of the edition is not owed any more: another mail was planned with it."""
    # What was given back before a renewed confirmation is void: the reader began anew.
    since = func.coalesce(Subscription.confirmed_at, Owed.created_at)
    is_owed = exists().where(
        Owed.subscription_id == Subscription.id,
        Owed.publication_id == Publication.id,
        Owed.created_at >= since,
    )
    return (
        select(EditionItem.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .join(Subscription, _is_for(Delivery.subscriber_id))
        .where(EditionItem.edition_id == Delivery.edition_id, ~is_owed.correlate(Subscription, Publication))
        .correlate(Delivery)
        .exists()
    )


def _had_a_tip() -> ColumnElement[bool]:
    """Whether another campaign's mail brought one of the edition's tips, through whichever notice."""
    other, item, publication = aliased(Delivery), aliased(EditionItem), aliased(Publication)
    return (
        select(other.campaign_id)
        .join(item, item.edition_id == other.edition_id)
        .join(publication, publication.id == item.publication_id)
        .join(Publication, Publication.tip_id == publication.tip_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .where(
            other.subscriber_id == Delivery.subscriber_id,
            other.campaign_id != Delivery.campaign_id,
            EditionItem.edition_id == Delivery.edition_id,
            counts_as_delivered(other),
        )
        .correlate(Delivery)
        .exists()
    )
