"""Beginning a series: what a reader had by any way is not ahead of them; it plans nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import subscriptions, tips
from newsletter_app.campaigns import EditionItem
from newsletter_app.delivery import Delivery, counts_as_delivered
from newsletter_app.tips import Publication


def begin_series(
    session: Session, subscriber_id: int, notice_id: int, pace: str, *, live: bool, now: datetime
) -> None:
    """Let a reader read a notice from tip 1, and live tips meanwhile if ``live``; one that ran begins anew.

    Raises Breach ``series-pace-unknown``, and ``series-not-offered`` for a notice not got, or without one.
    """
    for subscription in subscriptions.of_subscriber(session, subscriber_id, [notice_id], lock=True):
        had = tips_had(session, subscriber_id, notice_id)
        subscriptions.begin_series(session, subscription, pace, live=live, had=had, now=now)


def can_begin_series(session: Session, subscriber_id: int, notice_id: int) -> bool:
    """Tell whether a series would bring this reader of a notice anything."""
    return bool(tips.numbered_ids(session, notice_id) - tips_had(session, subscriber_id, notice_id))


def tips_had(session: Session, subscriber_id: int, notice_id: int) -> set[int]:
    """Return the tips of a notice that a mail brought to this reader, may have, or is about to."""
    brought = (
        select(Publication.tip_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .join(Delivery, Delivery.edition_id == EditionItem.edition_id)
        .where(Delivery.subscriber_id == subscriber_id, counts_as_delivered())
    )
    ours = select(Publication.tip_id).where(Publication.notice_id == notice_id)
    return set(session.scalars(brought.where(Publication.tip_id.in_(ours))))
