"""The sections about rhythm as acts: how often, on which day and hour, a break, and how it looks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from flask import request

from newsletter_app import subscribers, subscriptions
from newsletter_app.kernel.errors import Breach
from newsletter_app.subscribers import Subscriber
from newsletter_app.web.database import session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.acts import zone_of
from newsletter_app.web.public.outcomes import Outcome, Section

HOURS: Final = range(24)
WEEKDAYS: Final = range(7)


def save_cadences(subscriber: Subscriber) -> None:
    """Set how often each notice comes, as far as the form says so in words that we know."""
    given = {
        row.notice_id: request.form.get(f"cadence-{row.notice_id}", "")
        for row in subscriptions.of_subscriber(session(), subscriber.id)
    }
    known = {notice_id: each for notice_id, each in given.items() if each in subscriptions.CADENCES}
    subscriptions.set_cadences(session(), subscriber.id, known)


def pause_for(subscriber: Subscriber, months: int) -> None:
    """Pause from now on for so many months, as they pass where the reader is."""
    until = subscribers.pause_until(ports().clock(), months, zone_of(subscriber))
    subscribers.pause(session(), subscriber, until)


def _save_when(subscriber: Subscriber) -> Outcome:
    zone = request.form.get("zone", "")
    try:
        subscribers.set_wish(
            session(),
            subscriber,
            weekday=_weekday(subscriber),
            hour=_number("hour", HOURS),
            time_zone=zone or None,
        )
        subscriptions.forget_proposed_zone(session(), subscriber.id)
    except Breach:
        # Nobody can choose a zone that does not exist: this was no press on our page.
        return Outcome()
    return Outcome("when", _("Saved"))


def _weekday(subscriber: Subscriber) -> int | None:
    """Return the weekday as chosen; where the page did not ask for it, it stays as it is."""
    return _number("weekday", WEEKDAYS) if "weekday" in request.form else subscriber.weekday


def _number(name: str, known: Collection[int]) -> int | None:
    """Return the number that a list of choices sent, or None for its first line or anything else."""
    given = request.form.get(name, "")
    return next((each for each in known if str(each) == given), None)


def _pause(subscriber: Subscriber) -> Outcome:
    months = _number("months", subscribers.PAUSES)
    if months is None:
        return Outcome()
    pause_for(subscriber, months)
    return Outcome("pause", _("Saved"))


def _go_on(subscriber: Subscriber) -> Outcome:
    subscriptions.go_on(session(), subscriber, ports().clock())
    return Outcome("pause", _("You get our emails again."))


def _missed(subscriber: Subscriber) -> Outcome:
    if request.form.get("missed") == "send":
        subscriptions.send_missed(session(), subscriber.id, ports().clock())
        return Outcome("pause", _("You get them with your next email."))
    subscriptions.forget_missed(session(), subscriber.id)
    return Outcome("pause", _("Saved"))


def _save_looks(subscriber: Subscriber) -> Outcome:
    wanted = request.form.get("layout", "")
    if wanted in subscribers.LAYOUTS:
        subscribers.set_layout(session(), subscriber, wanted)
    return Outcome("looks", _("Saved"))


RHYTHM_SECTIONS: Final[Mapping[str, Section]] = {
    "when": Section(_save_when),
    "pause": Section(_pause),
    "go-on": Section(_go_on),
    "missed": Section(_missed),
    "looks": Section(_save_looks),
}
