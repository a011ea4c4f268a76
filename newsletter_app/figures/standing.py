"""How many readers there are now, who joined and left lately: the folded days, and today if short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import organisation, tallies
from newsletter_app.figures.board import moved
from newsletter_app.figures.changes import Change, changes, within
from newsletter_app.figures.folding import active, bounds
from newsletter_app.figures.models import DailyFigure
from newsletter_app.subscriptions import ConsentRecord, Subscription

LATELY: Final = 30
# For each record all that its person ever did is looked up: so many in some hundred milliseconds.
SHORT: Final = 5_000


@dataclass(frozen=True, slots=True)
class Stand:
    """Readers, and who joined and left within the last days."""

    readers: int
    joined: int
    left: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The stand by notice and of ``ALL``; ``until`` is the last day counted, None for this moment.

    There are no stands where no day was counted yet, and too much would have to be counted now.
    """

    stands: Mapping[int, Stand]
    until: date | None


def standing(session: Session, now: datetime) -> Standing:
    """Return the stand of the last thirty days; a page waits for no more than some thousand records."""
    today = organisation.local_day(session, now)
    newest = session.scalar(select(func.max(DailyFigure.day)))
    first = today - timedelta(days=LATELY - 1)
    begins_at, _ = bounds(session, first if newest is None else newest + timedelta(days=1))
    is_short = not tallies.many(session, select(ConsentRecord.id).where(*within(begins_at, None)), SHORT)
    if newest is None and not (is_short and _are_few(session)):
        return Standing({}, None)
    lately = changes(session, begins_at) if is_short else {}
    ends = _readers(session, newest)
    sums = moved(session, first, today)
    stands = {}
    for notice_id in sorted({*ends, *lately}):
        change, (joined, left) = lately.get(notice_id, Change()), sums.get(notice_id, (0, 0))
        readers = ends.get(notice_id, 0) + (change.joined - change.left if newest is not None else 0)
        stands[notice_id] = Stand(readers, joined + change.joined, left + change.left)
    return Standing(stands, None if is_short else newest)


def _are_few(session: Session) -> bool:
    return not tallies.many(session, select(Subscription.id))


def _readers(session: Session, newest: date | None) -> dict[int, int]:
    """Return the readers at the end of the newest folded day, else those there are."""
    if newest is None:
        return active(session)
    rows = select(DailyFigure.notice_id, DailyFigure.readers).where(DailyFigure.day == newest)
    return dict(iter(session.execute(rows)))
