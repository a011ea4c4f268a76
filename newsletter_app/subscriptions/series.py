"""Series: reading a notice from tip 1 at one's own pace; says what is ahead, and plans nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, or_, select, true, update
from sqlalchemy.orm import Session

from newsletter_app import notices, tips
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.upserts import insert
from newsletter_app.notices import Notice
from newsletter_app.subscriptions.models import Missed, Owed, Series, Subscription
from newsletter_app.tips import Publication, Tip

PACES: Final = ("daily", "twice", "weekly")
UNSYNCED: Final = {"synchronize_session": False}
OWED: Final = ["subscription_id", "publication_id", "in_series", "created_at"]


def series_of(session: Session, subscription_ids: Iterable[int]) -> dict[int, Series]:
    """Return subscription → series, finished ones too."""
    found = session.scalars(select(Series).where(Series.subscription_id.in_(list(subscription_ids))))
    return {series.subscription_id: series for series in found}


def begin_series(
    session: Session,
    subscription: Subscription,
    pace: str,
    *,
    live: bool,
    had: Collection[int],
    now: datetime,
) -> None:
    """Owe an active subscription, which the caller holds, every tip that came out, but the tips they ``had``.

    What comes out from now on is mailed as it comes if ``live``, else it waits for its turn. Raises Breach
    ``series-pace-unknown``, and ``series-not-offered`` where the notice offers none.
    """
    _check(pace)
    notice = notices.hold(session, subscription.notice_id)
    if not notice.offers_series or subscription.state != "active":
        raise Breach("series-not-offered", notice=notice.key)
    _forget(session, subscription.id)
    _extend(session, tips.place_archive(session, notice.id, now))
    _put_ahead(session, subscription, had, now)
    session.add(Series(subscription_id=subscription.id, pace=pace, position=0, started_at=now))
    _set_live(session, subscription, now, live=live)
    session.flush()
    _note_position(session, subscription)


def change_series(
    session: Session, subscription: Subscription, pace: str, *, live: bool, now: datetime
) -> bool:
    """Read a running series at another pace, with live tips meanwhile or without; False if none runs.

    Raises Breach ``series-pace-unknown``.
    """
    _check(pace)
    series = series_of(session, [subscription.id]).get(subscription.id)
    if series is None or series.finished_at is not None:
        return False
    series.pace = pace
    _set_live(session, subscription, now, live=live)
    session.flush()
    return True


def stop_series(session: Session, subscription: Subscription) -> bool:
    """End a series and join the live stream; False if there is none.

    The tips that came out before it began are dropped. What has come due since is still to come.
    """
    series = series_of(session, [subscription.id]).get(subscription.id)
    if series is None:
        return False
    ahead = Owed.subscription_id == subscription.id, Owed.in_series
    archive = delete(Owed).where(*ahead, Owed.created_at <= series.started_at)
    session.execute(archive, execution_options=UNSYNCED)
    session.execute(update(Owed).where(*ahead).values(in_series=False), execution_options=UNSYNCED)
    session.delete(series)
    subscription.live = True
    session.flush()
    return True


def extend_series(session: Session, now: datetime) -> None:
    """Put tips that came on the web without being mailed ahead of everybody whose series still runs."""
    for notice in notices.numbered(session):
        if tips.lacks_place(session, notice.id):
            notices.hold(session, notice.id)
            _extend(session, tips.place_archive(session, notice.id, now))


def is_running() -> ColumnElement[bool]:
    """Whether a subscription's series is not finished."""
    return exists().where(Series.subscription_id == Subscription.id, Series.finished_at.is_(None))


def passed_over(theirs: ColumnElement[bool], now: datetime) -> Select[int, int, bool, datetime]:
    """Select, as rows of owed, what came out above the cursor of ``theirs`` and is to wait for its turn."""
    return (
        select(Subscription.id, Publication.id, true(), literal(now, UtcDateTime))
        .join(Publication, came_out())
        .where(theirs)
    )


def came_out() -> ColumnElement[bool]:
    """Join what stands in a subscription's stream above its cursor."""
    head = select(Notice.last_seq).where(Notice.id == Publication.notice_id).scalar_subquery()
    return and_(
        Publication.notice_id == Subscription.notice_id,
        Publication.seq > Subscription.cursor,
        Publication.seq <= head,
    )


def _check(pace: str) -> None:
    if pace not in PACES:
        raise Breach("series-pace-unknown", pace=pace)


def _forget(session: Session, subscription_id: int) -> None:
    ahead = delete(Owed).where(Owed.subscription_id == subscription_id, Owed.in_series)
    session.execute(ahead, execution_options=UNSYNCED)
    session.execute(
        delete(Series).where(Series.subscription_id == subscription_id), execution_options={
            "synchronize_session": "fetch"
        }
    )  # fmt: skip


def _put_ahead(session: Session, subscription: Subscription, had: Collection[int], now: datetime) -> None:
    """Owe all that the cursor has passed, but what they had; what they missed is among it."""
    mine = Owed.subscription_id == subscription.id
    ahead = (
        select(literal(subscription.id), Publication.id, true(), literal(now, UtcDateTime))
        .join(Tip, Tip.id == Publication.tip_id)
        .where(
            Publication.notice_id == subscription.notice_id,
            or_(Publication.seq <= subscription.cursor, Publication.seq > tips.ARCHIVE),
            Tip.number.is_not(None),
            Tip.id.not_in(list(had)),
        )
    )
    session.execute(insert(session, Owed).from_select(OWED, ahead).on_conflict_do_nothing())
    again = Missed.publication_id.in_(select(Owed.publication_id).where(mine, Owed.in_series))
    missed = delete(Missed).where(Missed.subscription_id == subscription.id, again)
    session.execute(missed, execution_options=UNSYNCED)


def _set_live(session: Session, subscription: Subscription, now: datetime, *, live: bool) -> None:
    """Let new tips come as they are published, or wait for their turn; nothing is lost in between."""
    if live and not subscription.live:
        waiting = passed_over(Subscription.id == subscription.id, now)
        session.execute(insert(session, Owed).from_select(OWED, waiting).on_conflict_do_nothing())
        subscription.cursor = max(notices.hold(session, subscription.notice_id).last_seq, subscription.cursor)
    elif not live:
        mine = update(Owed).where(Owed.subscription_id == subscription.id)
        session.execute(mine.values(in_series=True), execution_options=UNSYNCED)
    subscription.live = live


def _note_position(session: Session, subscription: Subscription) -> None:
    """Who had the first tips already has read up to the one before the lowest ahead."""
    ahead = select(Owed.publication_id).where(Owed.subscription_id == subscription.id, Owed.in_series)
    lowest = select(func.min(Tip.number)).join(Publication, Publication.tip_id == Tip.id)
    first = session.scalar(lowest.where(Publication.id.in_(ahead)))
    before = select(func.max(Tip.number)).join(Publication, Publication.tip_id == Tip.id)
    before = before.where(Publication.notice_id == subscription.notice_id)
    if first is not None:
        before = before.where(Tip.number < first)
    series = session.get_one(Series, subscription.id)
    series.position = session.scalar(before) or 0
    session.flush()


def _extend(session: Session, publication_ids: Collection[int]) -> None:
    # As of the series' own beginning: they are of its archive, which a stop drops.
    ahead = (
        select(Subscription.id, Publication.id, true(), Series.started_at)
        .join(Series, Series.subscription_id == Subscription.id)
        .join(Publication, Publication.notice_id == Subscription.notice_id)
        .where(Series.finished_at.is_(None), Publication.id.in_(list(publication_ids)))
    )
    session.execute(insert(session, Owed).from_select(OWED, ahead).on_conflict_do_nothing())
