"""The pivot: one row per reader that says which situation they are in, found by one set-based statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, and_, case, func, literal, select

from newsletter_app.campaigns import Cadence, EditionItem, Slot
from newsletter_app.delivery import Delivery, counts_as_delivered
from newsletter_app.planning.rules import Situation, Stream
from newsletter_app.planning.untold import is_to_be_told
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Subscription, Untold
from newsletter_app.tips import Correction, Publication

NOT_THEIRS = -1


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
    held: tuple[int, ...] | None = None
    """The subscriptions to plan, once they are held; None where nobody else can write meanwhile."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the pivot's columns stand for: streams, what is owed to somebody, tips that could come twice.

    ``untold`` are the corrections that somebody is still to be told of: mostly none.
    """

    streams: tuple[Stream, ...]
    owed: tuple[int, ...]
    repeated_tips: tuple[int, ...]
    untold: tuple[int, ...] = ()

    def labels(self) -> Iterator[str]:
        """Yield the names of the columns, in order."""
        yield from (f"c{stream.notice_id}" for stream in self.streams)
        yield from (f"o{publication}" for publication in self.owed)
        yield from (f"t{tip}" for tip in self.repeated_tips)
        yield from (f"n{correction}" for correction in self.untold)

    def situation(self, values: Sequence[int]) -> Situation:
        """Return the situation that a row's values say."""
        flags = iter(values[len(self.streams) :])
        owed, had, untold = (
            frozenset([id_ for id_, flag in zip(ids, flags, strict=False) if flag])
            for ids in (self.owed, self.repeated_tips, self.untold)
        )
        return Situation(tuple(values[: len(self.streams)]), owed, had, untold)


def audience(part: Slice) -> Select[Any]:
    """Select the subscriptions of those who may be planned: of this cadence and weekday, not paused."""
    if part.held is not None:
        return select(func.unnest(literal(list(part.held), ARRAY(Integer))))
    return (
        select(Subscription.id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            *reading(part.notice_ids, part.cadence, part.slot, part.weekday),
            Subscription.subscriber_id > part.after,
            Subscription.subscriber_id <= part.up_to,
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
        theirs.append(func.coalesce(Subscriber.weekday, slot.weekday) == weekday)
    return theirs


def is_owed() -> ColumnElement[bool]:
    """Join what is owed to a subscription; what was given back before a renewed confirmation is void."""
    since = func.coalesce(Subscription.confirmed_at, Owed.created_at)
    return and_(Owed.subscription_id == Subscription.id, Owed.created_at >= since)


def pivot(part: Slice, columns: Columns) -> Select[Any]:
    """Select one row per reader: who they are, their zone and hour, and a value for each of ``columns``."""
    values = [
        *[_cursor(stream) for stream in columns.streams],
        *[_flag(Owed.publication_id == publication) for publication in columns.owed],
        *[_flag(_had(tip)) for tip in columns.repeated_tips],
        *[_flag(_is_untold(correction)) for correction in columns.untold],
    ]
    person: list[Any] = [Subscriber.id, Subscriber.language, Subscriber.layout, Subscriber.domain]
    person += [Subscriber.time_zone, Subscriber.hour]
    labelled = [value.label(label) for value, label in zip(values, columns.labels(), strict=True)]
    statement = select(*person, *labelled).join(Subscription, Subscription.subscriber_id == Subscriber.id)
    if columns.owed:
        statement = statement.outerjoin(Owed, is_owed())
    return statement.where(Subscription.id.in_(audience(part))).group_by(*person)


def situations(part: Slice, columns: Columns) -> Select[Any]:
    """Select the distinct rows of the pivot without the readers: language, layout, then the values."""
    rows = pivot(part, columns).subquery("pivot")
    labels = ("language", "layout", *columns.labels())
    return select(*[rows.c[label] for label in labels]).distinct()


def _cursor(stream: Stream) -> ColumnElement[int]:
    """The reader's cursor, never beyond the head: all who are up to date are in one situation."""
    cursor = case((Subscription.cursor > stream.head, stream.head), else_=Subscription.cursor)
    return func.coalesce(func.max(case((Subscription.notice_id == stream.notice_id, cursor))), NOT_THEIRS)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))


def _had(tip_id: int) -> ColumnElement[bool]:
    """Whether an edition holding this tip was delivered to the reader, through whichever notice."""
    return (
        select(Delivery.campaign_id)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(
            Delivery.subscriber_id == Subscription.subscriber_id,
            Publication.tip_id == tip_id,
            counts_as_delivered(),
        )
        .correlate(Subscription)
        .exists()
    )


def _is_untold(correction_id: int) -> ColumnElement[bool]:
    """Whether the reader is to be told of this correction."""
    return (
        select(Untold.correction_id)
        .join(Correction, Correction.id == Untold.correction_id)
        .where(
            Untold.subscriber_id == Subscription.subscriber_id,
            Untold.correction_id == correction_id,
            is_to_be_told(),
        )
        .correlate(Subscription)
        .exists()
    )
