"""Reserving: what a slice planned, or looked at in vain, is not planned again; it decides nothing else.

One thing is put off: a tip that is on its way to the reader by another notice. If it does not arrive, because
that notice was stopped, it is still to come by this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
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
from newsletter_app.planning.columns import Columns
from newsletter_app.planning.holding import OWED, READERS, is_of_held
from newsletter_app.planning.mailable import ON_ITS_WAY
from newsletter_app.planning.pivot import Slice, audience, between, heads_of, read_by_readers
from newsletter_app.subscriptions import Owed, Subscription
from newsletter_app.tips import Publication

UNSYNCED: Final = {"synchronize_session": False}


def put_off(session: Session, part: Slice, columns: Columns) -> None:
    """Owe the slice's readers what is on its way to them by another mail.

    Before it is asked what they had: a claim, which holds nobody, may let that mail go at any moment. Asked
    for afterwards, what counted as had, and was dropped since, would be neither mailed nor owed.
    """
    if columns.repeated_tips:
        _owe_what_is_on_its_way(session, part, columns)
        session.execute(delete(OWED).where(_is_put_off(part, columns)))


def reserve(session: Session, part: Slice) -> None:
    """Move the slice's cursors to the heads and use up what was owed, whether or not anything was unseen."""
    # What came back since the slice was found is not among it: no mail of this slice brings it.
    found = select(OWED.c.subscription_id, OWED.c.publication_id)
    used_up = delete(Owed).where(tuple_(Owed.subscription_id, Owed.publication_id).in_(found))
    session.execute(used_up, execution_options=UNSYNCED)
    session.execute(_move_cursors(part, heads_of(session, part)), execution_options=UNSYNCED)


def _move_cursors(part: Slice, heads: Mapping[int, int]) -> Any:
    """Move the cursors that are behind, of the readers held and of nobody else between them."""
    head = case(heads, value=Subscription.notice_id)
    return (
        update(Subscription)
        .where(*between(part), *read_by_readers(part, READERS.c.weekday))
        .where(is_of_held(part), Subscription.cursor < head)
        .values(cursor=head)
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
    return exists().where(
        Publication.id == OWED.c.publication_id,
        Publication.tip_id.in_(columns.repeated_tips),
        _is_on_its_way(part, OWED.c.subscriber_id, Publication.tip_id),
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
        # Asked for within another question, it would else ask of anybody to whom something is owed.
        .correlate_except(Delivery, EditionItem, held)
        .scalar_subquery()
        > 0
    )
