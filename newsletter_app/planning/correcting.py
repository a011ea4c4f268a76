"""The mail of an urgent correction: to whoever is still to be told of it, at once, whatever their rhythm.

Who pauses is left out: a pause is a promise. They are told with their next mail once it is over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    and_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    values,
)
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.campaigns import Campaign, correction_of
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.planning.editions import Content, Kind, begin_sending, make_edition
from newsletter_app.planning.queueing import queue
from newsletter_app.planning.rules import edition_key
from newsletter_app.planning.untold import gather, hold, is_to_be_told, let_go
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription, Untold
from newsletter_app.tips import Correction, Publication


def plan_correction(session: Session, campaign: Campaign, limit: int, now: datetime) -> bool:
    """Plan the next ``limit`` readers of an urgent correction; return whether more may follow.

    Who they are is gathered first. After the last slice the campaign's state is ``sending``.
    """
    correction = tips.find_correction(session, correction_of(campaign.occurrence) or 0)
    if correction is not None and correction.gathered_at is None:
        return gather(session, now)
    after = campaign.planned_to
    up_to = _up_to(session, correction, after, limit)
    if correction is None or up_to is None:
        begin_sending(session, campaign, now)
        return False
    in_slice = and_(
        Untold.correction_id == correction.id, Untold.subscriber_id > after, Untold.subscriber_id <= up_to
    )
    if session.get_bind().dialect.name != "sqlite":
        _hold(session, in_slice)
    readers = _readers(in_slice, now)
    editions = _editions(session, campaign, correction, readers, now)
    if editions:
        queue(session, campaign.id, _mails(readers, editions, now))
        let_go(session, campaign.id, after, up_to)
    campaign.planned_to = up_to
    session.flush()
    return True


def _up_to(session: Session, correction: Correction | None, after: int, limit: int) -> int | None:
    """Return the last reader of the next slice, or None when all were planned."""
    if correction is None:
        return None
    theirs = select(Untold.subscriber_id).where(
        Untold.correction_id == correction.id, Untold.subscriber_id > after
    )
    ids = theirs.order_by(Untold.subscriber_id).limit(limit).subquery()
    last: int | None = session.scalar(select(func.max(ids.c.subscriber_id)))
    return last


def _hold(session: Session, in_slice: Any) -> None:
    """Hold readers and what they are to be told, in the order in which every planner does."""
    theirs = select(Untold.subscriber_id).where(in_slice)
    readers = select(Subscriber.id).where(Subscriber.id.in_(theirs)).order_by(Subscriber.id)
    session.execute(readers.with_for_update(read=True)).all()
    hold(session, in_slice)


def _readers(in_slice: Any, now: datetime) -> Select[Any]:
    """Select who is to be told, each with the first notice they still read that the tip stands in."""
    id_ = Subscriber.id.label("subscriber_id")
    person: list[Any] = [id_, Subscriber.language, Subscriber.layout, Subscriber.domain]
    return (
        select(*person, func.min(Publication.id).label("publication_id"))
        .select_from(Untold)
        .join(Correction, Correction.id == Untold.correction_id)
        .join(Subscriber, Subscriber.id == Untold.subscriber_id)
        .join(Publication, Publication.tip_id == Correction.tip_id)
        .join(
            Subscription,
            and_(
                Subscription.subscriber_id == Subscriber.id,
                Subscription.notice_id == Publication.notice_id,
                Subscription.state == "active",
            ),
        )
        .where(in_slice, is_to_be_told())
        .where(or_(Subscriber.paused_until.is_(None), Subscriber.paused_until <= now))
        .group_by(*person)
    )


def _editions(
    session: Session, campaign: Campaign, correction: Correction, readers: Select[Any], now: datetime
) -> list[tuple[int, str, str, int]]:
    """Make the editions of these readers; return each with language, layout and publication."""
    found = readers.subquery()
    kinds = select(found.c.language, found.c.layout, found.c.publication_id).distinct()
    editions = []
    for language, layout, publication_id in session.execute(kinds).all():
        kind = Kind(language, layout)
        key = edition_key([publication_id], *kind, notes=[correction.id])
        content = Content([publication_id], [correction.id], by_note=True)
        made = make_edition(session, campaign.id, key, kind, content, now)
        editions.append((made, language, layout, publication_id))
    return editions


def _mails(readers: Select[Any], editions: list[tuple[int, str, str, int]], now: datetime) -> Select[Any]:
    """Select a mail, due now, for each of the readers."""
    found = readers.cte("readers")
    names = (column("edition_id", Integer), column("language", String), column("layout", String))
    table = values(*names, column("publication_id", Integer), name="kind").data(editions).cte("kinds")
    is_same = and_(
        found.c.language == cast(table.c.language, String),
        found.c.layout == cast(table.c.layout, String),
        found.c.publication_id == cast(table.c.publication_id, Integer),
    )
    edition, due_at = cast(table.c.edition_id, Integer), literal(now, UtcDateTime)
    mail = (found.c.subscriber_id, found.c.domain, edition.label("edition_id"), due_at.label("due_at"))
    return select(*mail).join_from(found, table, is_same)
