"""Confirming: GET shows one button, POST confirms; every later or older state has its page (S8)."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import campaigns, planning, subscriptions, tips
from newsletter_app.kernel import words
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscribers import find as find_subscriber
from newsletter_app.subscriptions import ConfirmView, Signup
from newsletter_app.web.database import commit, session
from newsletter_app.web.errors import IncompleteLink
from newsletter_app.web.language import current_language, use_readers_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.acts import evidence, names_of, next_mail, notices_of
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import card
from newsletter_app.web.public.limits import count_signup
from newsletter_app.web.public.links import signup_of
from newsletter_app.web.public.sent import show_sent
from newsletter_app.web.public.signup_form import typed
from newsletter_app.web.shell import time_zone


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """Show what pressing would do, or do it."""
    _token, signup = signup_of(token, Purpose.CONFIRM)
    use_readers_language(signup.language)
    view = subscriptions.confirm_page(session(), signup, ports().clock())
    if request.method == "POST":
        if view.state == "too-old":
            return _renew(signup)
        if _was_shown(view):
            view = _press(signup, view)
            commit()
    return _show(view)


def _was_shown(view: ConfirmView) -> bool:
    """Tell whether the page that was pressed named what it would start now.

    Another signup may have joined this one since (somebody else knows the address): consent is for what
    was shown, so the page is then shown anew. A page of another state names nothing.
    """
    shown = typed().notice_ids
    return not shown or view.state != "ready" or set(view.notice_ids) <= set(shown)


def _press(signup: Signup, view: ConfirmView) -> ConfirmView:
    now = ports().clock()
    if view.state == "stopped" and view.subscriber_id is not None:
        subscriptions.start_again(
            session(),
            view.subscriber_id,
            view.notice_ids,
            source="confirm-page",
            evidence=evidence(_("Start again")),
            now=now,
        )
        return subscriptions.confirm_page(session(), signup, now)
    return subscriptions.confirm(
        session(),
        signup,
        welcome=campaigns.welcome_facts(
            session(),
            signup.notice_ids,
            as_language(signup.language),
            public_url=ports().settings.public_url,
            now=now,
        ),
        evidence=evidence(_wording(view)),
        now=now,
    )


def _renew(signup: Signup) -> ResponseReturnValue:
    count_signup(parse_address(signup.address))
    renewed = subscriptions.renew_link(session(), signup, ports().clock())
    commit()
    return show_sent(renewed)


def _show(view: ConfirmView) -> ResponseReturnValue:
    if not view.notice_ids or (view.state != "too-old" and view.subscriber_id is None):
        raise IncompleteLink
    page = {"too-old": "too_old", "stopped": "stopped_since", "done": "subscribed"}.get(view.state, "confirm")
    return render_template(
        f"public/{page}.html",
        names=names_of(view.notice_ids),
        notice_ids=view.notice_ids,
        masked=view.masked_address,
        **_facts(view),
    )


def _facts(view: ConfirmView) -> dict[str, object]:
    if view.state == "done" and view.subscriber_id is not None:
        return _success(view.subscriber_id, view)
    if view.stopped_at is not None:
        return {"stopped_on": words.full_date(view.stopped_at, time_zone(), current_language())}
    return {}


def _success(subscriber_id: int, view: ConfirmView) -> dict[str, object]:
    subscriber = find_subscriber(session(), subscriber_id)
    latest = tips.latest(session(), current_language())
    links = ports().links
    token = links.token(Purpose.CHOICES, (subscriber_id,), subscriber.nonce) if subscriber else ""
    return {
        "next_mail": next_mail(subscriber_id),
        "latest": card(latest) if latest else None,
        "mail_from": ports().settings.mail_from,
        "choices_token": token,
        "from_tip_1": any(
            notice.offers_series and planning.can_begin_series(session(), subscriber_id, notice.id)
            for notice in notices_of(view.notice_ids)
        ),
        "numbered": any(notice.numbered for notice in notices_of(view.notice_ids)),
    }


def _wording(view: ConfirmView) -> str:
    """Return what the page says beside its button, as evidence of what was confirmed."""
    return "\n".join((_("You will get:"), *names_of(view.notice_ids), _("Yes, subscribe me")))
