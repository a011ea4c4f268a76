"""The pivot: one row per reader that says which situation they are in, found by one set-based statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, and_, func, literal, or_, select

from newsletter_app.campaigns import SERIES, Cadence, Slot, series_weekdays
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import PACES, Series, Subscription


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
    paused_too: bool = False
    """Whether who pauses is looked at: to say what comes afterwards, and never to plan it."""


class Pivoted(Protocol):
    """What the columns of a pivot stand for, and what a row of them leads to."""

    def labels(self) -> Iterator[str]:
        """Yield the names of the columns, in order."""
        ...

    def pivoted(self, statement: Select[Any]) -> Select[Any]:
        """Add the columns to ``statement``, which joins readers and subscriptions."""
        ...

    def publications(self, values: Sequence[int]) -> tuple[int, ...]:
        """Return what a row's values say is mailed, in reading order."""
        ...

    def pace(self, values: Sequence[int]) -> str:
        """Return at which pace a series goes on after this mail; "" where none does."""
        ...


def audience(part: Slice) -> Select[Any]:
    """Select the subscriptions of those who may be planned: of this cadence and weekday, not paused."""
    if part.held is not None:
        return select(func.unnest(literal(list(part.held), ARRAY(Integer))))
    theirs = (
        select(Subscription.id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            *reading(part.notice_ids, part.cadence, part.slot, part.weekday),
            Subscription.subscriber_id > part.after,
            Subscription.subscriber_id <= part.up_to,
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
        theirs.append(func.coalesce(Subscriber.weekday, slot.weekday) == weekday)
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
    person: list[Any] = [Subscriber.id, Subscriber.language, Subscriber.layout, Subscriber.domain]
    person += [Subscriber.time_zone, Subscriber.hour]
    statement = columns.pivoted(
        select(*person).join(Subscription, Subscription.subscriber_id == Subscriber.id)
    )
    return statement.where(Subscription.id.in_(audience(part))).group_by(*person)


def situations(part: Slice, columns: Pivoted) -> Select[Any]:
    """Select the distinct rows of the pivot without the readers: language, layout, then the values."""
    rows = pivot(part, columns).subquery("pivot")
    labels = ("language", "layout", *columns.labels())
    return select(*[rows.c[label] for label in labels]).distinct()
