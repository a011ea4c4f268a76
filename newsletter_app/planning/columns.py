"""What a slice's pivot has to look at: streams, what is owed in them, tips that could come twice, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import SERIES, Campaign, Edition, EditionItem
from newsletter_app.notices import Notice
from newsletter_app.planning.mailable import had, is_dropped, standing_in_several
from newsletter_app.planning.pivot import Slice, audience, owing
from newsletter_app.planning.rules import Situation, Stream, unseen
from newsletter_app.subscriptions import Owed, Subscription
from newsletter_app.tips import Publication, Tip

NOT_THEIRS: Final = -1


@dataclass(frozen=True, slots=True)
class Columns:
    """What the pivot's columns stand for: streams, what is owed to somebody, tips that could come twice.

    ``tips`` maps publication → tip for all that may be mailed; ``owing`` is the table of what is owed.
    """

    streams: tuple[Stream, ...]
    owed: tuple[int, ...]
    repeated_tips: tuple[int, ...]
    tips: Mapping[int, int]
    owing: FromClause

    def labels(self) -> Iterator[str]:
        """Yield the names of the columns, in order."""
        yield from (f"c{stream.notice_id}" for stream in self.streams)
        yield from (f"o{publication}" for publication in self.owed)
        yield from (f"t{tip}" for tip in self.repeated_tips)

    def pivoted(self, statement: Select[Any], theirs: FromClause) -> Select[Any]:
        """Add the columns to ``statement``, which selects from the subscriptions ``theirs``."""
        values = [
            *[_cursor(theirs, stream) for stream in self.streams],
            *[_flag(self.owing.c.publication_id == publication) for publication in self.owed],
            *[_flag(had(theirs, tip)) for tip in self.repeated_tips],
        ]
        labelled = [value.label(label) for value, label in zip(values, self.labels(), strict=True)]
        statement = statement.add_columns(*labelled)
        if not self.owed:
            return statement
        return statement.outerjoin(self.owing, is_owed_in(theirs, self.owing))

    def publications(self, values: Sequence[int]) -> tuple[int, ...]:
        """Return what a row's values say is unseen, in reading order."""
        return unseen(self._situation(values), self.streams, self.tips)

    def pace(self, values: Sequence[int]) -> str:
        """Return "": no series goes on after these mails."""
        return ""

    def _situation(self, values: Sequence[int]) -> Situation:
        streams = len(self.streams)
        flagged = values[streams:]
        owed = {id_ for id_, flag in zip(self.owed, flagged, strict=False) if flag}
        had_tips = {
            id_ for id_, flag in zip(self.repeated_tips, flagged[len(self.owed) :], strict=True) if flag
        }
        return Situation(tuple(values[:streams]), frozenset(owed), frozenset(had_tips))


def columns_of(session: Session, part: Slice) -> Columns:
    """Return the columns of this slice's pivot."""
    heads = dict(_pairs(session, select(Notice.id, Notice.last_seq).where(Notice.id.in_(part.notice_ids))))
    owed = _owed(session, part)
    rows = _mailable(session, part, heads, _lowest_cursors(session, part), owed)
    tips = {publication: tip for _, _, publication, tip in rows}
    streams = []
    for notice_id in part.notice_ids:
        places = {seq: publication for notice, seq, publication, _ in rows if notice == notice_id}
        streams.append(Stream(notice_id, heads[notice_id], places))
    # Only what stands in several notices or came in a series can have come to somebody by another way.
    repeated = {*standing_in_several(session, set(tips.values())), *_read_in_series(session, tips)}
    theirs = tuple(sorted(set(owed) & tips.keys()))
    return Columns(tuple(streams), theirs, tuple(sorted(repeated)), tips, owing(part))


def _pairs(session: Session, statement: Any) -> list[tuple[int, int]]:
    return [(first, second) for first, second in session.execute(statement)]


def _lowest_cursors(session: Session, part: Slice) -> Mapping[int, int]:
    theirs = audience(part)
    lowest = select(theirs.c.notice_id, func.min(theirs.c.cursor)).group_by(theirs.c.notice_id)
    return dict(_pairs(session, lowest))


def _owed(session: Session, part: Slice) -> Sequence[int]:
    theirs, owed = audience(part), owing(part)
    found = select(owed.c.publication_id).join(theirs, is_owed_in(theirs, owed)).distinct()
    return session.scalars(found).all()


def _mailable(
    session: Session,
    part: Slice,
    heads: Mapping[int, int],
    cursors: Mapping[int, int],
    owed: Sequence[int],
) -> list[tuple[int, int, int, int]]:
    """Return (notice, seq, publication, tip) of what somebody may lack, not withdrawn or dropped."""
    behind = [
        (Publication.notice_id == notice_id)
        & (Publication.seq > cursors[notice_id])
        & (Publication.seq <= heads[notice_id])
        for notice_id in part.notice_ids
        if notice_id in cursors
    ]
    if not behind:
        return []
    statement = (
        select(Publication.notice_id, Publication.seq, Publication.id, Publication.tip_id)
        .join(Tip, Tip.id == Publication.tip_id)
        .where(or_(*behind, Publication.id.in_(owed)), Tip.withdrawn_at.is_(None), ~is_dropped())
    )
    return [(notice, seq, id_, tip) for notice, seq, id_, tip in session.execute(statement)]


def _read_in_series(session: Session, tips: Mapping[int, int]) -> list[int]:
    """Return the tips that somebody's series brought before they came into the stream."""
    brought = (
        select(EditionItem.publication_id)
        .join(Edition, Edition.id == EditionItem.edition_id)
        .join(Campaign, Campaign.id == Edition.campaign_id)
        .where(EditionItem.publication_id.in_(list(tips)), Campaign.cadence == SERIES)
        .distinct()
    )
    return [tips[publication] for publication in session.scalars(brought)]


def is_owed() -> ColumnElement[bool]:
    """Join what is owed to a subscription; what was given back before a renewed confirmation is void."""
    return _is_owed(Owed.__table__, Subscription.id, Subscription.confirmed_at)


def is_owed_in(theirs: FromClause, owed: FromClause) -> ColumnElement[bool]:
    """Join what is owed to the subscriptions of a slice."""
    return _is_owed(owed, theirs.c.subscription_id, theirs.c.confirmed_at)


def _is_owed(owed: FromClause, subscription_id: Any, confirmed_at: Any) -> ColumnElement[bool]:
    since = func.coalesce(confirmed_at, owed.c.created_at)
    return and_(owed.c.subscription_id == subscription_id, ~owed.c.in_series, owed.c.created_at >= since)


def _cursor(theirs: FromClause, stream: Stream) -> ColumnElement[int]:
    """The reader's cursor, never beyond the head: all who are up to date are in one situation."""
    cursor = case((theirs.c.cursor > stream.head, stream.head), else_=theirs.c.cursor)
    return func.coalesce(func.max(case((theirs.c.notice_id == stream.notice_id, cursor))), NOT_THEIRS)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))
