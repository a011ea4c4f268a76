"""The section about series as an act: begin one, change how it comes, end it."""

from __future__ import annotations

from typing import Final

from flask import request

from newsletter_app import planning, subscriptions
from newsletter_app.kernel.errors import Breach
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from newsletter_app.web.database import session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.outcomes import Outcome

SERIES: Final = "series"


def save_series(subscriber: Subscriber) -> Outcome:
    """Do what was pressed for one notice; what no page of ours sends changes nothing."""
    named = request.form.get("of", "")
    theirs = subscriptions.of_subscriber(session(), subscriber.id, lock=True)
    row = next((row for row in theirs if str(row.notice_id) == named and row.state == "active"), None)
    act = ACTS.get(request.form.get("act", ""))
    try:
        sentence = act(subscriber, row) if act is not None and row is not None else ""
    except Breach:
        # Nobody can choose a pace that we do not know, nor a notice without a series.
        return Outcome()
    return Outcome(SERIES, sentence) if sentence else Outcome()


def _begin(subscriber: Subscriber, row: Subscription) -> str:
    now = ports().clock()
    planning.begin_series(session(), subscriber.id, row.notice_id, _pace(), live=_live(), now=now)
    return _("You read from tip 1 from now on.")


def _change(_subscriber: Subscriber, row: Subscription) -> str:
    subscriptions.change_series(session(), row, _pace(), live=_live(), now=ports().clock())
    return _("Saved")


def _stop(_subscriber: Subscriber, row: Subscription) -> str:
    subscriptions.stop_series(session(), row)
    return _("You read no more from tip 1. You still get new tips.")


def _pace() -> str:
    return request.form.get("pace", "")


def _live() -> bool:
    return "live" in request.form


ACTS: Final = {"begin": _begin, "change": _change, "stop": _stop}
