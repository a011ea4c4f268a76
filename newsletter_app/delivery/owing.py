"""Giving back: what a delivery reserved and did not bring stays owed to the reader's active subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import SERIES, Campaign, EditionItem, EditionNote
from newsletter_app.delivery.adopting import adopt
from newsletter_app.delivery.bouncing import suppress_refused
from newsletter_app.delivery.erasing import NOWHERE
from newsletter_app.delivery.models import Delivery, one_of
from newsletter_app.delivery.rules import NOT_FOR_GOOD, is_given_back, is_untold_again
from newsletter_app.delivery.shards import unfinished
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import Ledger, Recorded, State
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import OWED, Owed, Series, Subscription, Untold
from newsletter_app.tips import Publication


def give_back(session: Session, rows: ColumnElement[bool], now: datetime) -> None:
    """Owe the publications of these deliveries again, once each, wherever the reader is still active.

    What a series brought goes back into it, and so does everything while it is read alone. A series that was
    stopped wants nothing back.
    """
    of_series = Campaign.cadence == SERIES
    runs = and_(Series.subscription_id.is_not(None), Series.finished_at.is_(None))
    in_series = and_(runs, or_(of_series, ~Subscription.live))
    publications = (
        select(Subscription.id, Publication.id, in_series, literal(now, UtcDateTime))
        .select_from(Delivery)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .join(
            Subscription,
            and_(
                Subscription.subscriber_id == Delivery.subscriber_id,
                Subscription.notice_id == Publication.notice_id,
                Subscription.state == "active",
            ),
        )
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .outerjoin(Series, Series.subscription_id == Subscription.id)
        .where(rows, ~EditionItem.by_note, or_(~of_series, Series.subscription_id.is_not(None)))
        .distinct()
    )
    session.execute(insert(session, Owed).from_select(OWED, publications).on_conflict_do_nothing())


def untell(session: Session, rows: ColumnElement[bool]) -> None:
    """Let the readers of these deliveries be told later of the corrections that would have been in them."""
    notes = (
        select(Subscriber.id, EditionNote.correction_id)
        .select_from(Delivery)
        .join(EditionNote, EditionNote.edition_id == Delivery.edition_id)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(rows)
    )
    names = ["subscriber_id", "correction_id"]
    session.execute(insert(session, Untold).from_select(names, notes).on_conflict_do_nothing())


def give_back_recorded(session: Session, rows: Sequence[Recorded], now: datetime) -> None:
    """Give back those of the recorded deliveries whose ending says so, and their corrections."""
    if returned := [row.ids for row in rows if is_given_back(row.state, row.reason)]:
        give_back(session, one_of(returned), now)
    if unsaid := [row.ids for row in rows if is_untold_again(row.state, row.reason)]:
        untell(session, one_of(unsaid))


def follow_recorded(session: Session, rows: Sequence[Recorded], now: datetime) -> None:
    """Do what the outcomes of deliveries ask for: tips given back, and no more mail to who is gone."""
    give_back_recorded(session, rows, now)
    suppress_refused(session, rows, now)


def counts_as_delivered(row: type[Delivery] = Delivery) -> ColumnElement[bool]:
    """Whether a delivery brought its tips, may have, or is still about to: they are not mailed again."""
    settled_well = row.state.not_in([State.skipped, State.expired, State.refused])
    refused_for_good = and_(row.state == State.refused, func.coalesce(row.reason, "").not_in(NOT_FOR_GOOD))
    return or_(settled_well, refused_for_good)


def _in_unfinished(session: Session) -> ColumnElement[bool]:
    return Delivery.campaign_id.in_(unfinished(session))


DELIVERIES = Ledger(
    cast(Table, Delivery.__table__),
    "d",
    ("campaign_id", "subscriber_id"),
    follow_recorded,
    adopt,
    _in_unfinished,
    Delivery.domain == NOWHERE,
)
