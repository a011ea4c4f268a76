"""Fewer in place of none, offered under the stop button: once a month, or a pause; it never brings more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue

from newsletter_app import subscribers, subscriptions
from newsletter_app.kernel import words
from newsletter_app.kernel.addresses import mask
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.acts import names_of, zone_of

MONTHLY: Final = "monthly"
# What a button sends: "pause-3", or "monthly".
PAUSES: Final = {f"pause-{months}": months for months in subscribers.PAUSES}
WAYS: Final = (MONTHLY, *PAUSES)


def can_be_monthly(running: Iterable[Subscription], notice_ids: Collection[int]) -> bool:
    """Tell whether any of these notices comes more often than once a month, or may, read from tip 1."""
    theirs = [row for row in running if row.notice_id in notice_ids]
    in_series = subscriptions.series_of(session(), [row.id for row in theirs])
    return bool(in_series) or any(row.cadence != MONTHLY for row in theirs)


def get_fewer(subscriber: Subscriber, notice_ids: Collection[int], way: str) -> ResponseReturnValue:
    """Do what the button says, and show what comes of it.

    The link that leads here may do nothing but stop (M30): a pause is never made shorter by it.
    """
    if way == MONTHLY:
        subscriptions.set_cadences(session(), subscriber.id, dict.fromkeys(notice_ids, MONTHLY))
        for row in subscriptions.of_subscriber(session(), subscriber.id, notice_ids, lock=True):
            subscriptions.stop_series(session(), row)
    else:
        until = subscribers.pause_until(ports().clock(), PAUSES[way], zone_of(subscriber))
        subscribers.pause(session(), subscriber, max(until, subscriber.paused_until or until))
    commit()
    return render_template(
        "public/fewer.html",
        names=names_of(notice_ids),
        is_monthly=way == MONTHLY,
        paused_until=paused_until(subscriber),
        masked=mask(subscriber.address),
    )


def paused_until(subscriber: Subscriber) -> str:
    """Return the day on which a reader's pause ends, in words; empty while there is none."""
    until = subscriber.paused_until
    return words.day(until, zone_of(subscriber), current_language()) if until else ""
