"""The pivot: one row per reader that says which situation they are in, found by one set-based statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import ColumnElement, FromClause, Select, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import SERIES, Cadence, Slot, series_weekdays
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import PACES, Series, Subscription

# What a delivery takes of its reader.
FACTS: Final = ("language", "layout", "domain", "time_zone", "hour")
# What planning needs to know of a subscription, by the name it has in a slice's table.
OF_SUBSCRIPTION: Final = {
    "subscription_id": "id",
    **{name: name for name in ("subscriber_id", "notice_id", "cursor", "live", "confirmed_at")},
}


class Held(NamedTuple):
    """What a slice plans: subscriptions, their readers, what was owed to them by then, and up to which place.

    ``heads`` maps notice → the last place that is looked at, for all of the slice's statements; a series has
    none.
    """

    subscriptions: FromClause
    readers: FromClause
    owed: FromClause
    heads: Mapping[int, int]


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
    held: Held | None = None
    """The tables of those to plan, once they are held; None to look at readers without planning them."""
    paused_too: bool = False
    """Whether who pauses is looked at: to say what comes afterwards, and never to plan it."""


class Grouped(Protocol):
    """What a pivot asks of subscriptions, in columns that are grouped by reader."""

    def pivoted(self, statement: Select[Any], theirs: FromClause) -> Select[Any]:
        """Add the columns to ``statement``, which selects from the subscriptions ``theirs``."""
        ...


class Flagged(Protocol):
    """What a pivot asks of readers, in its last columns."""

    def flags(self) -> Iterator[str]:
        """Yield the names of the last columns, in order: each is 1 or 0, and asked once for a reader."""
        ...

    def flagged(self, statement: Select[Any], readers: FromClause) -> Select[Any]:
        """Add these to ``statement``, which selects from ``readers``."""
        ...


class Pivoted(Grouped, Flagged, Protocol):
    """What the columns of a pivot stand for, and what a row of them leads to."""

    def publications(self, values: Sequence[int]) -> tuple[int, ...]:
        """Return what a row's values say is mailed, in reading order."""
        ...

    def pace(self, values: Sequence[int]) -> str:
        """Return at which pace the series goes on after this mail; "" when nothing is ahead."""
        ...


def audience(part: Slice) -> FromClause:
    """Return the subscriptions of those who may be planned, with what planning needs to know of each."""
    return _found(part).subquery("audience") if part.held is None else part.held.subscriptions


def _found(part: Slice) -> Select[Any]:
    """Select the subscriptions of those who may be planned: of this cadence and weekday, not paused."""
    theirs = (
        subscriptions_between(part)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(*reading(part, Subscriber.weekday))
    )
    return theirs if part.paused_too else theirs.where(Subscriber.paused_until.is_(None))


def subscriptions_between(part: Slice) -> Select[Any]:
    """Select what planning needs to know of all subscriptions from the slice's first reader to its last."""
    return select(
        *[getattr(Subscription, name).label(label) for label, name in OF_SUBSCRIPTION.items()]
    ).where(*between(part))


def between(part: Slice) -> list[ColumnElement[bool]]:
    """Return the conditions of a subscription's reader being one from the slice's first to its last."""
    return [Subscription.subscriber_id > part.after, Subscription.subscriber_id <= part.up_to]


def is_dense(part: Slice) -> bool:
    """Whether most who are subscribed between the slice's first reader and its last are of the slice.

    Few chose the weekday where it is not the organisation's own: nearly all others left it open. Nor does
    every series go on on this day.
    """
    return part.cadence != SERIES and part.weekday in (None, part.slot.weekday)


def heads_of(session: Session, part: Slice) -> Mapping[int, int]:
    """Return the last place of each of the slice's notices (notice → seq), in their order."""
    if part.held is not None:
        return part.held.heads
    rows = session.execute(select(Notice.id, Notice.last_seq).where(Notice.id.in_(part.notice_ids)))
    heads = dict(rows.all())
    return {notice_id: heads[notice_id] for notice_id in part.notice_ids}


def reading(part: Slice, own: SQLColumnExpression[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions of reading the slice's notices actively, in its cadence and on its weekday.

    ``own`` is the weekday that a reader chose, in the table of readers that is joined.
    """
    theirs = read_by_readers(part, own)
    if part.weekday is None or part.cadence == SERIES:
        return theirs
    # Not by coalesce(): of what it returns PostgreSQL knows nothing, and takes it to be rare.
    is_theirs, left_open = own == part.weekday, own.is_(None)
    return [*theirs, or_(is_theirs, left_open) if part.weekday == part.slot.weekday else is_theirs]


def read_by_readers(part: Slice, own: SQLColumnExpression[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions of ``reading`` that are left for readers who are known to read on this weekday.

    Those of a series are all left: at some paces it goes on on this day, at others it does not.
    """
    theirs = subscribed(part.notice_ids, part.cadence)
    is_next = (
        _goes_on(part.slot, part.weekday, own) if part.cadence == SERIES else Subscription.live.is_(True)
    )
    return [*theirs, is_next]


def subscribed(notice_ids: Sequence[int], cadence: Cadence) -> list[ColumnElement[bool]]:
    """Return the conditions, all of them of an index, under which a slice looks at a subscription."""
    theirs = [Subscription.notice_id.in_(notice_ids), Subscription.state == "active"]
    return theirs if cadence == SERIES else [*theirs, Subscription.cadence == cadence]


def _goes_on(slot: Slot, weekday: int | None, own: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether a subscription's series runs, and goes on on this weekday."""
    running = Series.subscription_id == Subscription.id, Series.finished_at.is_(None)
    if weekday is None:
        return select(Series.subscription_id).where(*running).exists()
    chosen = func.coalesce(own, slot.weekday)
    days = {pace: [each for each in range(7) if weekday in series_weekdays(pace, each)] for pace in PACES}
    on_it = or_(*[and_(Series.pace == pace, chosen.in_(each)) for pace, each in days.items()])
    return select(Series.subscription_id).where(*running, on_it).correlate_except(Series).exists()


def grouped(part: Slice, columns: Grouped) -> FromClause:
    """Return a row for each reader with the columns that are grouped."""
    theirs = audience(part)
    # By one column: what is said of the reader is joined afterwards, and need not be grouped.
    values = columns.pivoted(select(theirs.c.subscriber_id).select_from(theirs), theirs)
    return values.group_by(theirs.c.subscriber_id).subquery("found")


def values_of(found: FromClause) -> list[ColumnElement[int]]:
    """Return the columns of ``grouped`` that are of the pivot, in order."""
    return [column for column in found.columns if column.name != "subscriber_id"]


def situations(part: Slice, columns: Pivoted) -> Select[Any]:
    """Select the distinct situations of readers who are not held: language, layout, the pivot's values."""
    found = grouped(part, columns)
    named = (Subscriber.id.label("subscriber_id"), Subscriber.language, Subscriber.layout)
    people = select(*named).subquery("people")
    rows = select(people.c.language, people.c.layout, *values_of(found))
    theirs = rows.join_from(people, found, people.c.subscriber_id == found.c.subscriber_id)
    return columns.flagged(theirs, people).distinct()
