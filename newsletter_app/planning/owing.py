"""What is owed to a slice's readers: what was given back, and what came out of a series into the stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, or_, select

from newsletter_app.planning.pivot import Slice, audience
from newsletter_app.subscriptions import Owed, Series, Subscription
from newsletter_app.tips import Publication


def owing(part: Slice, heads: Mapping[int, int]) -> FromClause:
    """Return what is owed to the slice's readers, as ``owed`` selects it: as it was when they were held."""
    return owed(part, heads).subquery("owing") if part.held is None else part.held.owed


def owed(part: Slice, heads: Mapping[int, int]) -> Select[Any]:
    """Select what a slice uses up: subscription, publication, reader, and whether it ``counts`` as unseen.

    What is ahead in a series that runs comes by the series. Of that, what is above the cursor has come into
    the stream and comes by it (``heads`` says how far it goes): it is used up, and counts there. What came
    back to a series while it ended, or was stopped, comes by the stream: a claim, which holds nobody, saw it
    run. What was given back before a renewed confirmation is void.
    """
    # Read in one go: PostgreSQL would walk through all subscriptions by their key.
    theirs = select(audience(part)).cte("theirs").prefix_with("MATERIALIZED", dialect="postgresql")
    is_coming = and_(
        Publication.notice_id == theirs.c.notice_id,
        Publication.seq > theirs.c.cursor,
        Publication.seq <= case(heads, value=theirs.c.notice_id),
    )
    is_theirs = _is_of_the_stream()
    since = func.coalesce(theirs.c.confirmed_at, Owed.created_at)
    counts = and_(is_theirs, Owed.created_at >= since).label("counts")
    return (
        select(Owed.subscription_id, Owed.publication_id, theirs.c.subscriber_id, counts)
        .join(theirs, theirs.c.subscription_id == Owed.subscription_id)
        .join(Publication, Publication.id == Owed.publication_id)
        .where(or_(is_theirs, is_coming))
    )


def is_owed() -> ColumnElement[bool]:
    """Join what counts as owed to a subscription, whichever slice it is of."""
    since = func.coalesce(Subscription.confirmed_at, Owed.created_at)
    is_of_it = Owed.subscription_id == Subscription.id
    return and_(is_of_it, _is_of_the_stream(), Owed.created_at >= since)


def _is_of_the_stream() -> ColumnElement[bool]:
    runs = exists().where(Series.subscription_id == Owed.subscription_id, Series.finished_at.is_(None))
    return or_(~Owed.in_series, ~runs)
