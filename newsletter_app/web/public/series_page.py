"""What the choices page shows of series: where one stands, and what there is to choose; it changes none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter_app import planning, subscriptions, tips
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Series, Subscription
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.public.acts import notices_of


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A notice that can be read from tip 1: its pace ("" while it is not), and how far it was read."""

    notice_id: int
    name: str
    pace: str
    live: bool
    position: int
    last: int


def paces() -> dict[str, str]:
    """Return what each pace is called, the fastest first."""
    return {"daily": _("Every day"), "twice": _("Twice a week"), "weekly": _("Once a week")}


def series_rows(subscriber: Subscriber, rows: Iterable[Subscription]) -> list[SeriesRow]:
    """Return the notices whose series runs or can begin now; ``rows`` are the reader's subscriptions."""
    active = {row.notice_id: row for row in rows if row.state == "active"}
    found = subscriptions.series_of(session(), [row.id for row in active.values()])
    running = {id_: series for id_, series in found.items() if series.finished_at is None}
    return [
        _row(active[notice.id], notice.side(current_language()).name, running.get(active[notice.id].id))
        for notice in notices_of(active)
        if active[notice.id].id in running
        or (notice.offers_series and planning.can_begin_series(session(), subscriber.id, notice.id))
    ]


def _row(subscription: Subscription, name: str, series: Series | None) -> SeriesRow:
    last, notice_id = tips.highest_number(session(), subscription.notice_id), subscription.notice_id
    if series is None:
        return SeriesRow(notice_id, name, "", live=False, position=0, last=last)
    # The last one that was read may have been taken back since.
    position, last = series.position, max(series.position, last)
    return SeriesRow(notice_id, name, series.pace, subscription.live, position, last)
