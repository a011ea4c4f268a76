"""Reserving: what a slice planned, or looked at in vain, is not planned again; it decides nothing else.

One thing is put off: a tip that is on its way to the reader by another notice. If it does not arrive, because
that notice was stopped, it is still to come by this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session, aliased

from newsletter_app.campaigns import EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import State
from newsletter_app.planning.columns import Columns
from newsletter_app.planning.pivot import Slice, audience, owing
from newsletter_app.subscriptions import Owed, Subscription
from newsletter_app.tips import Publication

UNSYNCED: Final = {"synchronize_session": False}
ON_ITS_WAY: Final = (State.queued, State.claimed, State.deferred)


def reserve(session: Session, part: Slice, columns: Columns) -> None:
    """Move the slice's cursors to the heads and use up what was owed, whether or not anything was unseen."""
    heads = {stream.notice_id: stream.head for stream in columns.streams}
    keys = tuple_(Owed.subscription_id, Owed.publication_id)
    is_put_off: ColumnElement[bool] = false()
    if columns.repeated_tips:
        _owe_what_is_on_its_way(session, part, columns)
        is_put_off = _is_put_off(part, columns)
    # What came back since the slice was found is not among it: no mail of this slice brings it.
    for of_theirs in (_looked_at(part), _coming_by_the_stream(part, heads)):
        used_up = delete(Owed).where(keys.in_(of_theirs), ~is_put_off)
        session.execute(used_up, execution_options=UNSYNCED)
    session.execute(_move_cursors(part, heads), execution_options=UNSYNCED)


def _move_cursors(part: Slice, heads: Mapping[int, int]) -> Any:
    """Move the cursors that are behind. PostgreSQL reads the slice's rows in one go, not each by its key."""
    theirs = audience(part)
    head = case(heads, value=theirs.c.notice_id)
    return (
        update(Subscription)
        .where(Subscription.id == theirs.c.subscription_id, theirs.c.cursor < head)
        .where(Subscription.subscriber_id > part.after, Subscription.subscriber_id <= part.up_to)
        .values(cursor=head)
    )


def _looked_at(part: Slice) -> Select[int, int]:
    owed = owing(part)
    return select(owed.c.subscription_id, owed.c.publication_id)


def _coming_by_the_stream(part: Slice, heads: Mapping[int, int]) -> Select[int, int]:
    """Select what is ahead in a series and above the cursor: it has come into the stream, and comes by it."""
    theirs = audience(part)
    return (
        select(Owed.subscription_id, Owed.publication_id)
        .join(theirs, theirs.c.subscription_id == Owed.subscription_id)
        .join(Publication, Publication.id == Owed.publication_id)
        .where(
            Owed.in_series,
            Publication.notice_id == theirs.c.notice_id,
            Publication.seq > theirs.c.cursor,
            Publication.seq <= case(heads, value=theirs.c.notice_id),
        )
    )


def _owe_what_is_on_its_way(session: Session, part: Slice, columns: Columns) -> None:
    """Owe readers what the cursor passes but another campaign's mail may still bring."""
    theirs = audience(part)
    passed = (
        select(theirs.c.subscription_id, Publication.id, literal(part.now, UtcDateTime))
        .join_from(
            theirs,
            Publication,
            and_(Publication.notice_id == theirs.c.notice_id, Publication.seq > theirs.c.cursor),
        )
        .where(
            Publication.tip_id.in_(columns.repeated_tips),
            _is_on_its_way(part, theirs.c.subscriber_id, Publication.tip_id),
        )
    )
    names = ["subscription_id", "publication_id", "created_at"]
    session.execute(insert(session, Owed).from_select(names, passed).on_conflict_do_nothing())


def _is_put_off(part: Slice, columns: Columns) -> ColumnElement[bool]:
    """Whether something owed is a tip that is on its way to its reader."""
    theirs = audience(part)
    return exists().where(
        theirs.c.subscription_id == Owed.subscription_id,
        Publication.id == Owed.publication_id,
        Publication.tip_id.in_(columns.repeated_tips),
        _is_on_its_way(part, theirs.c.subscriber_id, Publication.tip_id),
    )


def _is_on_its_way(part: Slice, subscriber_id: Any, tip_id: Any) -> ColumnElement[bool]:
    held = aliased(Publication)
    return (
        select(func.count())
        .select_from(Delivery)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(held, held.id == EditionItem.publication_id)
        .where(
            Delivery.subscriber_id == subscriber_id,
            Delivery.campaign_id != part.campaign_id,
            Delivery.state.in_(ON_ITS_WAY),
            held.tip_id == tip_id,
        )
        .scalar_subquery()
        > 0
    )
