"""What the choices page shows: only what the link may see, and nothing that does nothing yet."""

from __future__ import annotations

from flask import render_template, request

from newsletter_app import subscriptions
from newsletter_app.kernel import words
from newsletter_app.kernel.addresses import mask
from newsletter_app.notices import NoticeView
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import can_restart
from newsletter_app.web.database import session
from newsletter_app.web.known import known
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.acts import next_mail, notices_of
from newsletter_app.web.public.outcomes import Outcome
from newsletter_app.web.public.rhythm_page import rhythm
from newsletter_app.web.public.series_page import paces, series_rows
from newsletter_app.web.public.signup_form import notice_row
from newsletter_app.web.shell import time_zone


def show(subscriber: Subscriber, outcome: Outcome, *, may_manage: bool) -> str:
    """Return the page; name and address stand on it only for a fresh link (S9)."""
    rows = subscriptions.of_subscriber(session(), subscriber.id)
    active = {row.notice_id for row in rows if row.state == "active"}
    now = ports().clock()
    returned, series = subscriber.returned_at, series_rows(subscriber, rows)
    return render_template(
        "public/choices.html",
        masked=mask(subscriber.address),
        rows=[notice_row(notice, chosen=notice.id in active) for notice in _shown(active)],
        gets_nothing=not active,
        can_start_again=any(row.confirmed_at is not None and can_restart(row, now) for row in rows),
        next_mail=next_mail(subscriber.id),
        returned_on=words.full_date(returned, time_zone(), current_language()) if returned else "",
        readers_language=subscriber.language,
        name=subscriber.name if may_manage else "",
        may_manage=may_manage,
        outcome=outcome,
        action=_action(),
        series=series,
        paces=paces(),
        **rhythm(subscriber, rows, {row.pace for row in series}),
    )


def _shown(active: set[int]) -> list[NoticeView]:
    """Return the notices on offer, and those the reader still gets although they no longer are."""
    return [*known().offered, *(kept for kept in notices_of(active) if not kept.offered)]


def _action() -> str:
    asked = request.args.get("lang")
    return f"{request.path}?lang={asked}" if asked in ("en", "fr") else request.path
