"""What views behind a signed link share: the evidence, the notices' names, the next mail."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from newsletter_app import planning, subscribers
from newsletter_app.kernel import words
from newsletter_app.kernel.local_time import zone_or
from newsletter_app.notices import NoticeView
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Evidence
from newsletter_app.web.database import session
from newsletter_app.web.known import known
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip
from newsletter_app.web.shell import time_zone


def evidence(wording: str) -> Evidence:
    """Return the record of where and with what words this act happened; the token stays out of it (S28)."""
    page = "/" + request.path.strip("/").partition("/")[0]
    return Evidence(
        ip=client_ip(),
        user_agent=request.user_agent.string,
        page_url=ports().settings.public_url + page,
        language=current_language(),
        wording=wording,
    )


def notices_of(ids: Iterable[int]) -> list[NoticeView]:
    """Return these notices, also those no longer offered, in their order."""
    wanted = set(ids)
    return [notice for notice in known().notices if notice.id in wanted]


def names_of(ids: Iterable[int]) -> list[str]:
    """Return the names of these notices in the language of the page."""
    return [notice.side(current_language()).name for notice in notices_of(ids)]


def zone_of(subscriber: Subscriber) -> str:
    """Return the time zone that this reader lives by: their own if it still exists, else ours."""
    return zone_or(subscriber.time_zone, time_zone())


def next_mail(subscriber_id: int) -> str:
    """Return when this reader's next mail is due, in words; empty while nothing is known to come."""
    due_at = planning.next_mail_at(session(), subscriber_id, ports().clock())
    reader = subscribers.find(session(), subscriber_id)
    return words.when(due_at, zone_of(reader), current_language()) if due_at and reader else ""
