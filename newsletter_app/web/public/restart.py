"""Starting again: the Undo of the stop page (a day) and the goodbye mail's link (30 days)."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import subscriptions
from newsletter_app.kernel.addresses import mask
from newsletter_app.kernel.links import Purpose, Token
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import can_restart, can_undo
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import use_readers_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.acts import evidence, names_of, next_mail
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.links import subscriber_of


@blueprint.route("/restart/<token>", methods=["GET", "POST"])
def restart(token: str) -> ResponseReturnValue:
    """Show one button, or start again what the token names."""
    proven, subscriber = subscriber_of(token, Purpose.UNDO, Purpose.RESTART)
    use_readers_language(subscriber.language)
    if request.method == "POST":
        _start(proven, subscriber)
        commit()
    return _show(proven, subscriber)


def _start(proven: Token, subscriber: Subscriber) -> None:
    is_undo = proven.purpose is Purpose.UNDO
    subscriptions.start_again(
        session(),
        subscriber.id,
        proven.ids[1:],
        source="undo" if is_undo else "restart",
        evidence=evidence(_("Undo") if is_undo else _("Start again")),
        now=ports().clock(),
    )


def _show(proven: Token, subscriber: Subscriber) -> ResponseReturnValue:
    rows = subscriptions.of_subscriber(session(), subscriber.id, proven.ids[1:])
    within = can_undo if proven.purpose is Purpose.UNDO else can_restart
    waiting = [row.notice_id for row in rows if row.confirmed_at and within(row, ports().clock())]
    active = [row.notice_id for row in rows if row.state == "active"]
    masked = mask(subscriber.address)
    if waiting:
        return render_template("public/restart.html", names=names_of(waiting), masked=masked)
    if active:
        return render_template(
            "public/restarted.html",
            names=names_of(active),
            masked=masked,
            next_mail=next_mail(subscriber.id),
            choices_token=_choices_token(proven, subscriber),
        )
    return render_template("public/restart_too_old.html", names=names_of(proven.ids[1:]))


def _choices_token(proven: Token, subscriber: Subscriber) -> str:
    # An Undo grows out of a stop link, which may do nothing but stop (M30): it must not lead to choices.
    if proven.purpose is Purpose.UNDO:
        return ""
    return ports().links.token(Purpose.CHOICES, (subscriber.id,), subscriber.nonce)
