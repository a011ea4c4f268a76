"""The pivot: one row per reader that says which situation they are in, found by one set-based statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_, select

from newsletter_app.campaigns import SERIES, Cadence, Slot, series_weekdays
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import PACES, Series, Subscription

# What a delivery takes of its reader.
FACTS: Final = ("language", "layout", "domain", "time_zone", "hour")


@dataclass(frozen=True, slots=True)
class Slice:
    """The readers of some notices with ids in (after, up_to], as a campaign finds them at ``now``.

    ``weekday`` is that of a weekly campaign's day: readers chose it, or the organisation by its ``slot``.
    """

    campaign_id: int
    cadence: Cadence
    notice_ids: tuple[int, ...]
    after: int
    up_to: int
    now: datetime
    slot: Slot
    weekday: int | None = None
    held: FromClause | None = None
    """The table of those to plan, once they are held; None to look at readers without planning them."""
    paused_too: bool = False
    """Whether who pauses is looked at: to say what comes afterwards, and never to plan it."""


class Pivoted(Protocol):
    """What the columns of a pivot stand for, and what a row of them leads to."""

    def labels(self) -> Iterator[str]:
        """Yield the names of the columns, in order."""
        ...

    def pivoted(self, statement: Select[Any], theirs: FromClause) -> Select[Any]:
        """Add the columns to ``statement``, which selects from the subscriptions ``theirs``."""
        ...

    def publications(self, values: Sequence[int]) -> tuple[int, ...]:
        """Return what a row's values say is mailed, in reading order."""
        ...

    def pace(self, values: Sequence[int]) -> str:
        """Return at which pace a series goes on after this mail; "" where none does."""
        ...


def audience(part: Slice) -> FromClause:
    """Return the subscriptions of those who may be planned, with what planning needs to know of each."""
    return found_readers(part).subquery("audience") if part.held is None else part.held


def found_readers(part: Slice) -> Select[Any]:
    """Select those who may be planned: of this cadence and weekday, not paused."""
    facts: list[Any] = [
        Subscription.id.label("subscription_id"),
        Subscription.subscriber_id,
        Subscription.notice_id,
        Subscription.cursor,
        Subscription.live,
        Subscription.confirmed_at,
        *[getattr(Subscriber, name) for name in FACTS],
    ]
    theirs = (
        select(*facts)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            *reading(part.notice_ids, part.cadence, part.slot, part.weekday),
            # Said of both tables: PostgreSQL concludes equality from a join, and nothing else.
            *[key > part.after for key in (Subscriber.id, Subscription.subscriber_id)],
            *[key <= part.up_to for key in (Subscriber.id, Subscription.subscriber_id)],
        )
    )
    # A pause that is over is ended first: what came out meanwhile is offered, not mailed.
    return theirs if part.paused_too else theirs.where(Subscriber.paused_until.is_(None))


def reading(
    notice_ids: Sequence[int], cadence: Cadence, slot: Slot, weekday: int | None
) -> list[ColumnElement[bool]]:
    """Return the conditions of reading these notices actively, in this cadence and on this weekday.

    Where a weekday is asked for, readers are to be joined.
    """
    theirs: list[ColumnElement[bool]] = [
        Subscription.notice_id.in_(notice_ids),
        Subscription.state == "active",
    ]
    if cadence == SERIES:
        return [*theirs, _goes_on(slot, weekday)]
    theirs += [Subscription.cadence == cadence, Subscription.live.is_(True)]
    if weekday is not None:
        # Not by coalesce(): of what it returns PostgreSQL knows nothing, and takes it to be rare.
        is_theirs, left_open = Subscriber.weekday == weekday, Subscriber.weekday.is_(None)
        theirs.append(or_(is_theirs, left_open) if weekday == slot.weekday else is_theirs)
    return theirs


def _goes_on(slot: Slot, weekday: int | None) -> ColumnElement[bool]:
    """Whether a subscription's series runs, and goes on on this weekday."""
    running = Series.subscription_id == Subscription.id, Series.finished_at.is_(None)
    if weekday is None:
        return select(Series.subscription_id).where(*running).exists()
    own = func.coalesce(Subscriber.weekday, slot.weekday)
    days = {pace: [each for each in range(7) if weekday in series_weekdays(pace, each)] for pace in PACES}
    on_it = or_(*[and_(Series.pace == pace, own.in_(each)) for pace, each in days.items()])
    return select(Series.subscription_id).where(*running, on_it).correlate(Subscription, Subscriber).exists()


def pivot(part: Slice, columns: Pivoted) -> Select[Any]:
    """Select one row per reader: who they are, their zone and hour, and a value for each of ``columns``."""
    theirs = audience(part)
    # Of one reader all are alike; grouped by one column they need not be sorted.
    person: list[Any] = [func.min(theirs.c[name]).label(name) for name in FACTS]
    statement = select(theirs.c.subscriber_id, *person).select_from(theirs)
    return columns.pivoted(statement, theirs).group_by(theirs.c.subscriber_id)


def situations(part: Slice, columns: Pivoted) -> Select[Any]:
    """Select the distinct rows of the pivot without the readers: language, layout, then the values."""
    rows = pivot(part, columns).subquery("pivot")
    labels = ("language", "layout", *columns.labels())
    return select(*[rows.c[label] for label in labels]).distinct()
