"""Whose turn it is in a series: for each reader of a slice the lowest tip ahead; it mails no live tip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    delete,
    false,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session

from newsletter_app import preflight
from newsletter_app.campaigns import EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.upserts import insert
from newsletter_app.notices import Notice
from newsletter_app.planning.mailable import had, is_dropped, standing_in_several
from newsletter_app.planning.pivot import Slice, audience
from newsletter_app.subscriptions import OWED, PACES, Owed, Series, Subscription, came_out, passed_over
from newsletter_app.tips import Publication, Tip

UNSYNCED: Final = {"synchronize_session": False}
# Behind every number: what has none comes last, in the order it came out.
NO_NUMBER: Final = 2**31 - 1
PACE: Final = "pace"


@dataclass(frozen=True, slots=True)
class Turns:
    """The columns of a series' pivot: the next publication in each notice, and whether more is ahead."""

    part: Slice
    unfit: tuple[int, ...]
    repeated_tips: tuple[int, ...]

    def pivoted(self, statement: Select[Any], theirs: FromClause) -> Select[Any]:
        """Add the columns to ``statement``, which selects from the subscriptions ``theirs``."""
        turn = _first(self)
        columns = [
            func.coalesce(func.max(case((theirs.c.notice_id == each, turn.c.publication_id))), 0)
            for each in self.part.notice_ids
        ]
        # Where two series of a reader go on, the mail tells of the one that is faster.
        paces = case({pace: place for place, pace in enumerate(PACES, 1)}, value=Series.pace)
        columns.append(func.coalesce(func.min(case((turn.c.ahead > 1, paces))), 0))
        labels = [*[f"n{notice_id}" for notice_id in self.part.notice_ids], PACE]
        labelled = [column.label(label) for column, label in zip(columns, labels, strict=True)]
        return (
            statement.add_columns(*labelled)
            .outerjoin(turn, turn.c.subscription_id == theirs.c.subscription_id)
            .outerjoin(Series, Series.subscription_id == theirs.c.subscription_id)
        )

    def flags(self) -> Iterator[str]:
        """Yield nothing: all is of the subscriptions."""
        yield from ()

    def flagged(self, statement: Select[Any], readers: FromClause) -> Select[Any]:
        """Add nothing."""
        return statement

    def publications(self, values: Sequence[int]) -> tuple[int, ...]:
        """Return what a row's values say is mailed, by notice."""
        return tuple(publication for publication in values[:-1] if publication)

    def pace(self, values: Sequence[int]) -> str:
        """Return at which pace the series goes on after this mail; "" when nothing is ahead."""
        return PACES[values[-1] - 1] if values[-1] else ""


def turns_of(session: Session, part: Slice) -> Turns:
    """Return the columns of this slice: what must not be mailed now, and what could come twice."""
    mine = select(Publication.tip_id).where(Publication.notice_id.in_(part.notice_ids))
    overdue = select(Tip).where(Tip.id.in_(mine), Tip.review_due < part.now.date())
    unfit = [tip.id for tip in session.scalars(overdue) if preflight.blocking_codes(session, tip, part.now)]
    repeated = standing_in_several(session, set(session.scalars(mine)))
    return Turns(part, tuple(unfit), tuple(repeated))


def reserve_turns(session: Session, part: Slice, turns: Turns) -> None:
    """Take from what is ahead what the slice's deliveries bring; who has nothing ahead joins the live stream.

    What came out since goes behind what was ahead, and cursors move past it. A tip that was taken back stays
    ahead while others do.
    """
    theirs = Subscription.id.in_(_ids(part))
    waiting = insert(session, Owed).from_select(OWED, passed_over(and_(theirs, ~Subscription.live), part.now))
    session.execute(waiting.on_conflict_do_nothing())
    head = select(Notice.last_seq).where(Notice.id == Subscription.notice_id).scalar_subquery()
    moved = update(Subscription).where(theirs, ~Subscription.live, Subscription.cursor < head)
    session.execute(moved.values(cursor=head), execution_options=UNSYNCED)
    finished = _finished(session, part, turns)
    _take(session, part)
    _join(session, finished, part.now)


def _ids(part: Slice) -> Select[Any]:
    return select(audience(part).c.subscription_id)


def _ahead(part: Slice) -> CTE:
    """What is still to come to each subscription of the slice, fit to be mailed or not."""
    theirs = _ids(part)
    owed = select(Owed.subscription_id, Owed.publication_id).where(
        Owed.in_series, Owed.subscription_id.in_(theirs)
    )
    since = (
        select(Subscription.id, Publication.id)
        .join(Publication, came_out())
        .where(~Subscription.live, Subscription.id.in_(theirs))
    )
    return union(owed, since).cte("ahead")


def _mailable(turns: Turns, unfit: Sequence[int], *, for_good: bool = False) -> Select[Any]:
    """Select what is ahead and may be mailed, in its order, with how much that is.

    What is on its way by another notice is not among it, unless asked ``for_good``: it may yet be dropped.
    """
    ahead, theirs = _ahead(turns.part), audience(turns.part)
    order = (func.coalesce(Tip.number, NO_NUMBER), Publication.seq)
    mine: Any = {"partition_by": ahead.c.subscription_id}
    return (
        select(
            ahead.c.subscription_id,
            ahead.c.publication_id,
            func.row_number().over(order_by=order, **mine).label("turn"),
            func.count().over(**mine).label("ahead"),
        )
        .join(Publication, Publication.id == ahead.c.publication_id)
        .join(Tip, Tip.id == Publication.tip_id)
        .join(theirs, theirs.c.subscription_id == ahead.c.subscription_id)
        .where(Tip.withdrawn_at.is_(None), ~is_dropped())
        .where(Tip.id.not_in(unfit), ~_had_elsewhere(theirs, turns, for_good=for_good))
    )


def _had_elsewhere(theirs: FromClause, turns: Turns, *, for_good: bool) -> ColumnElement[bool]:
    """Whether a mail of another notice brought the tip, which is asked of tips that stand in several."""
    tips_had = [and_(Tip.id == tip, had(theirs, tip, for_good=for_good)) for tip in turns.repeated_tips]
    return or_(*tips_had, false())


def _first(turns: Turns) -> Any:
    mailable = _mailable(turns, turns.unfit).subquery("mailable")
    return select(mailable).where(mailable.c.turn == 1).subquery("turn")


def _finished(session: Session, part: Slice, turns: Turns) -> list[int]:
    """Return the subscriptions with nothing ahead; what waits for its review, or on its way, is ahead."""
    going_on = _mailable(turns, (), for_good=True).subquery("going_on")
    theirs = audience(part).c.subscription_id
    over = select(theirs).where(theirs.not_in(select(going_on.c.subscription_id)))
    return list(session.scalars(over))


def _take(session: Session, part: Slice) -> None:
    mailed = (
        select(Subscription.id.label("subscription_id"), Publication.id.label("publication_id"), Tip.number)
        .join(Delivery, Delivery.subscriber_id == Subscription.subscriber_id)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .join(Tip, Tip.id == Publication.tip_id)
        .where(
            Delivery.campaign_id == part.campaign_id,
            Publication.notice_id == Subscription.notice_id,
            Subscription.id.in_(_ids(part)),
        )
        .subquery("mailed")
    )
    same = mailed.c.subscription_id == Series.subscription_id
    number = select(func.max(mailed.c.number)).where(same).correlate(Series).scalar_subquery()
    session.execute(
        update(Series).where(Series.position < number).values(position=number), execution_options=UNSYNCED
    )
    taken = select(mailed.c.subscription_id).where(
        mailed.c.subscription_id == Owed.subscription_id, mailed.c.publication_id == Owed.publication_id
    )
    session.execute(
        delete(Owed).where(Owed.in_series, taken.correlate(Owed).exists()), execution_options=UNSYNCED
    )


def _join(session: Session, subscription_ids: Sequence[int], now: datetime) -> None:
    """Let these read what comes from now on as it comes; what was taken back and is left is dropped."""
    if not subscription_ids:
        return
    left = delete(Owed).where(Owed.in_series, Owed.subscription_id.in_(subscription_ids))
    session.execute(left, execution_options=UNSYNCED)
    live = update(Subscription).where(Subscription.id.in_(subscription_ids)).values(live=True)
    session.execute(live, execution_options=UNSYNCED)
    finished = update(Series).where(Series.subscription_id.in_(subscription_ids)).values(finished_at=now)
    session.execute(finished, execution_options=UNSYNCED)
