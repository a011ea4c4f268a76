"""Stopping: one press on a page, or one POST of the mail program (RFC 8058); it works for ever."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import subscriptions
from newsletter_app.kernel import words
from newsletter_app.kernel.addresses import mask
from newsletter_app.kernel.links import Purpose, Token
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language, use_readers_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public import fewer
from newsletter_app.web.public.acts import evidence, names_of
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.links import proven_stop, stopping_of
from newsletter_app.web.security import is_one_click
from newsletter_app.web.shell import time_zone

EVERYTHING = "all"


@blueprint.route("/stop/<token>", methods=["GET", "POST"])
def stop(token: str) -> ResponseReturnValue:
    """Show the buttons, press one of them, or stop for a mail program."""
    if request.method == "POST" and is_one_click():
        return _one_click(proven_stop(token))
    proven, subscriber = stopping_of(token)
    use_readers_language(subscriber.language)
    if request.method == "POST":
        if (way := request.form.get("what", "")) in fewer.WAYS:
            return fewer.get_fewer(subscriber, _notice_ids(proven), way)
        return _answer(proven, subscriber) if "why" in request.form else _press(proven, subscriber)
    running = _running(subscriber.id)
    if not any(row.notice_id in _notice_ids(proven) for row in running):
        return _done(proven, subscriber, everything=not running)
    return _ask(proven, subscriber, running)


def _one_click(proven: Token) -> Response:
    """End every notice of that mail; nobody reads the answer, so it is a few bytes and no page."""
    subscriptions.stop(
        session(),
        proven.row_id,
        _notice_ids(proven),
        source="one-click",
        evidence=evidence("List-Unsubscribe=One-Click"),
        now=ports().clock(),
    )
    commit()
    return Response("OK\n", mimetype="text/plain")


def _press(proven: Token, subscriber: Subscriber) -> ResponseReturnValue:
    everything = request.form.get("what") == EVERYTHING
    named = ", ".join(names_of(_notice_ids(proven)))
    subscriptions.stop(
        session(),
        subscriber.id,
        None if everything else _notice_ids(proven),
        source="page",
        evidence=evidence(_("Stop everything") if everything else _("Stop %(notice)s", notice=named)),
        now=ports().clock(),
    )
    commit()
    return _done(proven, subscriber, everything=everything)


def _answer(proven: Token, subscriber: Subscriber) -> ResponseReturnValue:
    """Keep why, which nobody needs to say; it stops nothing and starts nothing."""
    now = ports().clock()
    subscriptions.say_why(session(), subscriber.id, _notice_ids(proven), request.form["why"], now)
    commit()
    return _done(proven, subscriber, everything=False, is_answered=True)


def _ask(proven: Token, subscriber: Subscriber, running: list[Subscription]) -> ResponseReturnValue:
    ids = _notice_ids(proven)
    return render_template(
        "public/stop.html",
        names=names_of(row.notice_id for row in running if row.notice_id in ids),
        others=names_of(row.notice_id for row in running if row.notice_id not in ids),
        can_be_monthly=fewer.can_be_monthly(running, ids),
        pauses=fewer.PAUSES,
        paused_until=fewer.paused_until(subscriber),
        masked=mask(subscriber.address),
    )


def _done(
    proven: Token, subscriber: Subscriber, *, everything: bool, is_answered: bool = False
) -> ResponseReturnValue:
    """Show what is stopped, with an Undo for each notice while its day lasts."""
    now, rows = ports().clock(), subscriptions.of_subscriber(session(), subscriber.id)
    stopped = [
        row for row in rows if row.state == "ended" and (everything or row.notice_id in _notice_ids(proven))
    ]
    undos = [
        (names_of([row.notice_id])[0], _undo(subscriber, row.notice_id))
        for row in stopped
        if subscriptions.can_undo(row, now) and row.confirmed_at is not None
    ]
    ended = [row.ended_at for row in stopped if row.ended_at is not None]
    return render_template(
        "public/stopped.html",
        names=names_of(row.notice_id for row in stopped) or names_of(_notice_ids(proven)),
        undos=undos,
        stopped_on=words.full_date(max(ended), time_zone(), current_language()) if ended else "",
        is_old=bool(ended) and not undos,
        is_answered=is_answered,
        whys={"too-many": _("Too many emails"), "not-for-me": _("Not for me"), "other": _("Something else")},
        masked=mask(subscriber.address),
    )


def _undo(subscriber: Subscriber, notice_id: int) -> str:
    return ports().links.token(Purpose.UNDO, (subscriber.id, notice_id), subscriber.nonce)


def _running(subscriber_id: int) -> list[Subscription]:
    return [row for row in subscriptions.of_subscriber(session(), subscriber_id) if row.state != "ended"]


def _notice_ids(proven: Token) -> tuple[int, ...]:
    return proven.ids[1:]
