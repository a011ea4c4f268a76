"""What a slice's pivot has to look at: the streams, what is owed in them, and tips that could come twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import DROPPED, Campaign
from newsletter_app.notices import Notice
from newsletter_app.planning.pivot import Columns, Slice, audience, is_owed
from newsletter_app.planning.rules import Stream
from newsletter_app.subscriptions import Owed
from newsletter_app.tips import Publication, Tip


def columns_of(session: Session, part: Slice) -> tuple[Columns, dict[int, int]]:
    """Return the columns of this slice's pivot, and publication → tip for all that may be mailed in it."""
    heads = dict(_pairs(session, select(Notice.id, Notice.last_seq).where(Notice.id.in_(part.notice_ids))))
    owed = _owed(session, part)
    rows = _mailable(session, part, heads, _lowest_cursors(session, part), owed)
    tips = {publication: tip for _, _, publication, tip in rows}
    streams = []
    for notice_id in part.notice_ids:
        places = {seq: publication for notice, seq, publication, _ in rows if notice == notice_id}
        streams.append(Stream(notice_id, heads[notice_id], places))
    # Only a tip that stands in several notices can have come to somebody by another way.
    repeated = _standing_in_several(session, set(tips.values()))
    return Columns(tuple(streams), tuple(sorted(set(owed) & tips.keys())), tuple(repeated)), tips


def _pairs(session: Session, statement: Any) -> list[tuple[int, int]]:
    return [(first, second) for first, second in session.execute(statement)]


def _lowest_cursors(session: Session, part: Slice) -> Mapping[int, int]:
    theirs = audience(part)
    lowest = select(theirs.c.notice_id, func.min(theirs.c.cursor)).group_by(theirs.c.notice_id)
    return dict(_pairs(session, lowest))


def _owed(session: Session, part: Slice) -> Sequence[int]:
    theirs = audience(part)
    owed = select(Owed.publication_id).join(theirs, is_owed(theirs)).distinct()
    return session.scalars(owed).all()


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
        .where(or_(*behind, Publication.id.in_(owed)), Tip.withdrawn_at.is_(None), ~_is_dropped())
    )
    return [(notice, seq, id_, tip) for notice, seq, id_, tip in session.execute(statement)]


def _is_dropped() -> ColumnElement[bool]:
    dropped = select(Campaign.id).where(
        Campaign.tip_id == Publication.tip_id, Campaign.state == "cancelled", Campaign.pause_reason == DROPPED
    )
    return dropped.correlate(Publication).exists()


def _standing_in_several(session: Session, tip_ids: set[int]) -> Sequence[int]:
    statement = (
        select(Publication.tip_id)
        .where(Publication.tip_id.in_(tip_ids))
        .group_by(Publication.tip_id)
        .having(func.count() > 1)
        .order_by(Publication.tip_id)
    )
    return session.scalars(statement).all()
