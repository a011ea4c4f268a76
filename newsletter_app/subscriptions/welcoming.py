"""The welcome mail as facts: what a reader gets, when the first tip comes, and one tip to read now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import service_mail
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Purpose
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscribers import Subscriber


@dataclass(frozen=True, slots=True)
class WelcomeFacts:
    """What other rooms know: when each notice comes next, and the newest tip in the reader's language.

    ``due_at`` holds scheduled notices alone, by id: the mail tells of those that begin, which may be fewer
    than were asked for. ``tip_url`` is absolute; without it no tip is offered. ``tip_number`` is None for
    one without number.
    """

    due_at: Mapping[int, datetime] = field(default_factory=dict)
    tip_title: str = ""
    tip_number: int | None = None
    tip_url: str = ""


def queue_welcome(
    session: Session,
    subscriber: Subscriber,
    notice_ids: Iterable[int],
    *,
    welcome: WelcomeFacts,
    once: str,
    now: datetime,
) -> None:
    """Queue the mail to keep: with it the reader can change or stop at any time."""
    chosen = sorted(notice_ids)
    first_at = min((welcome.due_at[each] for each in chosen if each in welcome.due_at), default=None)
    service_mail.queue(
        session,
        "welcome",
        address=subscriber.address,
        address_key=subscriber.address_key,
        language=as_language(subscriber.language),
        subscriber_id=subscriber.id,
        facts={
            "notice_ids": chosen,
            "name": subscriber.name,
            "first_at": first_at.isoformat() if first_at else None,
            "tip_title": welcome.tip_title,
            "tip_number": welcome.tip_number,
            "tip_url": welcome.tip_url,
            "choices": LinkSpec(Purpose.CHOICES, (subscriber.id,), subscriber.nonce).to_facts(),
            "stop": LinkSpec(Purpose.STOP, (subscriber.id, *chosen)).to_facts(),
        },
        once=once,
        now=now,
    )
