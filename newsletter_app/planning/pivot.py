"""The pivot: one row per reader that says which situation they are in, found by one set-based statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select

from newsletter_app.campaigns import Cadence, EditionItem, Slot
from newsletter_app.delivery import Delivery, counts_as_delivered
from newsletter_app.planning.rules import Situation, Stream
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Subscription
from newsletter_app.tips import Publication

NOT_THEIRS = -1
FACTS = ("language", "layout", "domain", "time_zone", "hour")


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


@dataclass(frozen=True, slots=True)
class Columns:
    """What the pivot's columns stand for: streams, what is owed to somebody, tips that could come twice."""

    streams: tuple[Stream, ...]
    owed: tuple[int, ...]
    repeated_tips: tuple[int, ...]

    def labels(self) -> Iterator[str]:
        """Yield the names of the columns, in order."""
        yield from (f"c{stream.notice_id}" for stream in self.streams)
        yield from (f"o{publication}" for publication in self.owed)
        yield from (f"t{tip}" for tip in self.repeated_tips)

    def situation(self, values: Sequence[int]) -> Situation:
        """Return the situation that a row's values say."""
        streams = len(self.streams)
        flagged = values[streams:]
        owed = {id_ for id_, flag in zip(self.owed, flagged, strict=False) if flag}
        had = {id_ for id_, flag in zip(self.repeated_tips, flagged[len(self.owed) :], strict=True) if flag}
        return Situation(tuple(values[:streams]), frozenset(owed), frozenset(had))


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
        Subscription.confirmed_at,
        Subscriber.language,
        Subscriber.layout,
        Subscriber.domain,
        Subscriber.time_zone,
        Subscriber.hour,
    ]
    return (
        select(*facts)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            *reading(part.notice_ids, part.cadence, part.slot, part.weekday),
            # Said of both tables: PostgreSQL concludes equality from a join, and nothing else.
            *[key > part.after for key in (Subscriber.id, Subscription.subscriber_id)],
            *[key <= part.up_to for key in (Subscriber.id, Subscription.subscriber_id)],
            # A pause that is over is ended first: what came out meanwhile is offered, not mailed.
            Subscriber.paused_until.is_(None),
        )
    )


def reading(
    notice_ids: Sequence[int], cadence: Cadence, slot: Slot, weekday: int | None
) -> list[ColumnElement[bool]]:
    """Return the conditions of reading these notices actively, in this cadence and on this weekday."""
    theirs = [
        Subscription.notice_id.in_(notice_ids),
        Subscription.state == "active",
        Subscription.cadence == cadence,
    ]
    if weekday is not None:
        # Not by coalesce(): of what it returns PostgreSQL knows nothing, and takes it to be rare.
        is_theirs = Subscriber.weekday == weekday
        left_open = Subscriber.weekday.is_(None)
        theirs.append(or_(is_theirs, left_open) if weekday == slot.weekday else is_theirs)
    return theirs


def is_owed(theirs: FromClause) -> ColumnElement[bool]:
    """Join what is owed to a subscription; what was given back before a renewed confirmation is void."""
    since = func.coalesce(theirs.c.confirmed_at, Owed.created_at)
    return and_(Owed.subscription_id == theirs.c.subscription_id, Owed.created_at >= since)


def pivot(part: Slice, columns: Columns) -> Select[Any]:
    """Select one row per reader: who they are, their zone and hour, and a value for each of ``columns``."""
    theirs = audience(part)
    values = [
        *[_cursor(theirs, stream) for stream in columns.streams],
        *[_flag(Owed.publication_id == publication) for publication in columns.owed],
        *[_flag(_had(theirs, tip)) for tip in columns.repeated_tips],
    ]
    # Of one reader all are alike; grouped by one column they need not be sorted.
    person: list[Any] = [func.min(theirs.c[name]).label(name) for name in FACTS]
    labelled = [value.label(label) for value, label in zip(values, columns.labels(), strict=True)]
    statement = select(theirs.c.subscriber_id, *person, *labelled)
    if columns.owed:
        statement = statement.select_from(theirs.outerjoin(Owed, is_owed(theirs)))
    return statement.group_by(theirs.c.subscriber_id)


def situations(part: Slice, columns: Columns) -> Select[Any]:
    """Select the distinct rows of the pivot without the readers: language, layout, then the values."""
    rows = pivot(part, columns).subquery("pivot")
    labels = ("language", "layout", *columns.labels())
    return select(*[rows.c[label] for label in labels]).distinct()


def _cursor(theirs: FromClause, stream: Stream) -> ColumnElement[int]:
    """The reader's cursor, never beyond the head: all who are up to date are in one situation."""
    cursor = case((theirs.c.cursor > stream.head, stream.head), else_=theirs.c.cursor)
    return func.coalesce(func.max(case((theirs.c.notice_id == stream.notice_id, cursor))), NOT_THEIRS)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))


def _had(theirs: FromClause, tip_id: int) -> ColumnElement[bool]:
    """Whether an edition holding this tip was delivered to the reader, through whichever notice."""
    return (
        select(Delivery.campaign_id)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(
            Delivery.subscriber_id == theirs.c.subscriber_id,
            Publication.tip_id == tip_id,
            counts_as_delivered(),
        )
        .correlate(theirs)
        .exists()
    )
