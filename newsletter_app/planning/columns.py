"""What a slice's pivot has to look at: streams, what is owed in them, tips that could come twice, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, case, func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import SERIES, Campaign, Edition, EditionItem
from newsletter_app.planning.holding import SITUATIONS, hold_situations, numbers_of
from newsletter_app.planning.mailable import had, is_dropped, standing_in_several
from newsletter_app.planning.owing import owing
from newsletter_app.planning.pivot import Slice, audience, heads_of
from newsletter_app.planning.rules import Situation, Stream, unseen
from newsletter_app.tips import Publication, Tip

NOT_THEIRS: Final = -1


@dataclass(frozen=True, slots=True)
class Cursors:
    """The columns that are grouped: how far a reader has come in each stream; ``heads`` maps notice → seq."""

    heads: Mapping[int, int]

    def pivoted(self, statement: Select[Any], theirs: FromClause) -> Select[Any]:
        """Add the columns to ``statement``, which selects from the subscriptions ``theirs``."""
        columns = [_cursor(theirs, id_, head).label(f"c{id_}") for id_, head in self.heads.items()]
        return statement.add_columns(*columns)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the pivot's columns stand for: streams, what is owed to somebody, tips that could come twice.

    ``tips`` maps publication → tip for all that may be mailed; ``owing`` has a row for each reader to whom
    something is owed, with the columns of it.
    """

    streams: tuple[Stream, ...]
    owed: tuple[int, ...]
    repeated_tips: tuple[int, ...]
    tips: Mapping[int, int]
    owing: FromClause

    def pivoted(self, statement: Select[Any], theirs: FromClause) -> Select[Any]:
        """Add the cursors to ``statement``, which selects from the subscriptions ``theirs``."""
        heads = {stream.notice_id: stream.head for stream in self.streams}
        return Cursors(heads).pivoted(statement, theirs)

    def flags(self) -> Iterator[str]:
        """Yield the names of the last columns, in order: what is owed, and which tips came by another way."""
        yield from (f"o{publication}" for publication in self.owed)
        yield from (f"t{tip}" for tip in self.repeated_tips)

    def flagged(self, statement: Select[Any], readers: FromClause) -> Select[Any]:
        """Add these to ``statement``, which selects from ``readers``."""
        tips = [case((had(readers, tip), 1), else_=0).label(f"t{tip}") for tip in self.repeated_tips]
        if not self.owed:
            return statement.add_columns(*tips)
        labels = [f"o{publication}" for publication in self.owed]
        owed = [func.coalesce(self.owing.c[label], 0).label(label) for label in labels]
        theirs = self.owing.c.subscriber_id == readers.c.subscriber_id
        return statement.add_columns(*owed, *tips).outerjoin(self.owing, theirs)

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
    """Return the columns of this slice's pivot.

    Of a slice that is held the situations are kept first, but for the flags: they tell how far somebody is
    behind, and so what there is to ask for.
    """
    heads = heads_of(session, part)
    if part.held is not None:
        hold_situations(session, part, Cursors(heads))
    theirs = owing(part, heads)
    owed = session.scalars(select(theirs.c.publication_id).where(theirs.c.counts).distinct()).all()
    rows = _mailable(session, part, heads, _lowest_cursors(session, part), owed)
    tips = {publication: tip for _, _, publication, tip in rows}
    streams = []
    for notice_id in part.notice_ids:
        places = {seq: publication for notice, seq, publication, _ in rows if notice == notice_id}
        streams.append(Stream(notice_id, heads[notice_id], places))
    # Only what stands in several notices or came in a series can have come to somebody by another way.
    repeated = {*standing_in_several(session, set(tips.values())), *_read_in_series(session, tips)}
    mailable = tuple(sorted(set(owed) & tips.keys()))
    owing_to = _owing(theirs, mailable)
    return Columns(tuple(streams), mailable, tuple(sorted(repeated)), tips, owing_to)


def _lowest_cursors(session: Session, part: Slice) -> Mapping[int, int]:
    """Return the lowest cursor of each notice that is read by a reader of the slice."""
    if part.held is not None:
        return _lowest_held(session, part.notice_ids)
    theirs = audience(part)
    lowest = select(theirs.c.notice_id, func.min(theirs.c.cursor)).group_by(theirs.c.notice_id)
    return dict(session.execute(lowest).all())


def _lowest_held(session: Session, notice_ids: Sequence[int]) -> Mapping[int, int]:
    """Return the same of readers who are held, from their situations."""
    found = session.scalars(select(SITUATIONS.c.numbers).distinct())
    of_notices = zip(notice_ids, zip(*map(numbers_of, found), strict=True), strict=False)
    theirs = ((id_, [each for each in cursors if each != NOT_THEIRS]) for id_, cursors in of_notices)
    return {id_: min(cursors) for id_, cursors in theirs if cursors}


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


def _cursor(theirs: FromClause, notice_id: int, head: int) -> ColumnElement[int]:
    """The reader's cursor, never beyond the head: all who are up to date are in one situation."""
    cursor = case((theirs.c.cursor > head, head), else_=theirs.c.cursor)
    return func.coalesce(func.max(case((theirs.c.notice_id == notice_id, cursor))), NOT_THEIRS)


def _owing(owed: FromClause, publications: Sequence[int]) -> FromClause:
    """Return a row for each reader to whom something is owed, with a column o… for each of these."""
    flags = [
        func.max(case((owed.c.publication_id == publication, 1), else_=0)).label(f"o{publication}")
        for publication in publications
    ]
    rows = select(owed.c.subscriber_id, *flags).where(owed.c.counts)
    return rows.group_by(owed.c.subscriber_id).subquery("owed_to")
