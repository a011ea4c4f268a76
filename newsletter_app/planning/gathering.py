"""What one reader's mail would hold if a tip went out now, by the rules that plan it; nothing is reserved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import subscriptions
from newsletter_app.campaigns import SERIES, Cadence, as_cadence, slot_of
from newsletter_app.notices import Notice
from newsletter_app.planning.columns import columns_of
from newsletter_app.planning.pivot import Slice, situations
from newsletter_app.tips import Publication, Tip


@dataclass(frozen=True, slots=True)
class Gathered:
    """A mail's cadence, and its tips in reading order, each with the notice it stands under."""

    cadence: Cadence
    places: tuple[tuple[int, int], ...]


def gathered(
    session: Session, subscriber_id: int, tip: Tip, notice_ids: Sequence[int], now: datetime
) -> Gathered | None:
    """Return the mail with which ``tip``, sent into these notices, would come to this reader.

    None where they read none of the notices, or read a series, which comes to this tip in its own time.
    """
    rows = subscriptions.of_subscriber(session, subscriber_id)
    reads = {row.notice_id: as_cadence(row.cadence) for row in rows if row.state == "active"}
    reads = {notice_id: cadence for notice_id, cadence in reads.items() if cadence != SERIES}
    theirs = [notice_id for notice_id in sorted(notice_ids) if notice_id in reads]
    if not theirs:
        return None
    cadence = reads[theirs[0]]
    asked = notice_ids if cadence == "each" else session.scalars(select(Notice.id)).all()
    among = tuple(sorted(one for one in asked if reads.get(one) == cadence))
    found = _unseen(session, subscriber_id, cadence, among, now)
    others = [place for place in found if place[0] != tip.id]
    # It takes the place after all others of its notice, and what is newest is read first.
    first = next((index for index, place in enumerate(others) if place[1] >= theirs[0]), len(others))
    return Gathered(cadence, (*others[:first], (tip.id, theirs[0]), *others[first:]))


def _unseen(
    session: Session, subscriber_id: int, cadence: Cadence, notice_ids: tuple[int, ...], now: datetime
) -> list[tuple[int, int]]:
    alone = Slice(0, cadence, notice_ids, subscriber_id - 1, subscriber_id, now, slot_of(session, cadence))
    columns = columns_of(session, alone)
    rows = session.execute(situations(alone, columns)).all()
    publications = [found for row in rows for found in columns.publications(row[2:])]
    stands = select(Publication.id, Publication.notice_id).where(Publication.id.in_(publications))
    notice_of = {row.id: row.notice_id for row in session.execute(stands)}
    return [(columns.tips[publication], notice_of[publication]) for publication in publications]
