"""A subscriber at the terminal: choices, rhythm, proofs, what came, what is to come; it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from newsletter_app import delivery, notices, planning, subscriptions, tips
from newsletter_app.kernel.words import DAYS
from newsletter_app.planning import Mailed
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Series, Subscription
from newsletter_app.suppression import Suppression
from newsletter_app.tips import Tip

LATEST: Final = 10


def described(session: Session, subscriber: Subscriber, now: datetime) -> dict[str, Any]:
    """Return what is known of a reader as JSON can hold it."""
    rows = subscriptions.of_subscriber(session, subscriber.id)
    records = subscriptions.consents_of(session, subscriber.id)
    ids = {row.notice_id for row in rows} | {row.notice_id for row in records}
    keys = {notice.id: notice.key for notice in notices.by_ids(session, ids)}
    mails = [
        planning.mailed(row, campaign) for row, campaign in delivery.latest(session, subscriber.id, LATEST)
    ]
    return {
        "subscriber": subscriber.id,
        "address": subscriber.address,
        "name": subscriber.name,
        "language": subscriber.language,
        "layout": subscriber.layout,
        **_rhythm(session, subscriber, rows, keys, now),
        "since": subscriber.created_at.isoformat(),
        "notices": {keys[row.notice_id]: row.state for row in rows},
        "reserved up to": {
            keys[row.notice_id]: f"{row.cursor} of {subscriptions.head(session, row.notice_id)}"
            for row in rows
            if row.state == "active"
        },
        "owed": [name_of(tip) for tip in _tips(session, subscriptions.owed_to(session, subscriber.id))],
        "untold corrections of": [
            name_of(tip) for tip in _tips(session, planning.untold_of(session, subscriber.id))
        ],
        "last mails": [mail_line(mail) for mail in mails],
        "consent": [
            f"{row.at.isoformat()} {row.act} {keys[row.notice_id]} ({row.source})" for row in records
        ],
    }


def suppression_line(row: Suppression) -> str:
    """Return scope, reason, day and source of a suppression."""
    source = f", {row.source}" if row.source else ""
    return f"{row.scope}: {row.reason} ({row.created_at:%Y-%m-%d}{source})"


def mail_line(mail: Mailed) -> str:
    """Return what became of one mail, with the server's words where it was not simply taken."""
    when = (mail.at or mail.due_at).isoformat()
    words = [mail.campaign, mail.state, *([mail.reason] if mail.reason else [])]
    words += [mail.feedback] if mail.feedback != "none" else []
    said = f": {mail.reply}" if mail.reply and mail.state != "accepted" else ""
    return f"{when} {' '.join(words)}{said}"


def name_of(tip: Tip) -> str:
    """Return what commands call a tip: its number, else its address."""
    return str(tip.number or tip.sides[0].slug)


def _tips(session: Session, tip_ids: Sequence[int]) -> list[Tip]:
    return [tip for tip_id in tip_ids if (tip := tips.find(session, tip_id)) is not None]


def _rhythm(
    session: Session,
    subscriber: Subscriber,
    rows: Sequence[Subscription],
    keys: Mapping[int, str],
    now: datetime,
) -> dict[str, Any]:
    """Return when and how often mail comes; None is the organisation's to say, or nothing known."""
    next_at = planning.next_mail_at(session, subscriber.id, now)
    series = subscriptions.series_of(session, [row.id for row in rows if row.state == "active"])
    return {
        "cadences": {keys[row.notice_id]: row.cadence for row in rows if row.state == "active"},
        "series": {keys[row.notice_id]: _pace(series[row.id]) for row in rows if row.id in series},
        "weekday": DAYS["en"][subscriber.weekday] if subscriber.weekday is not None else None,
        "hour": subscriber.hour,
        "time zone": subscriber.time_zone,
        "paused until": subscriber.paused_until.isoformat() if subscriber.paused_until else None,
        "next mail": next_at.isoformat() if next_at else None,
    }


def _pace(series: Series) -> str:
    """Say how somebody reads from tip 1, and how far they are."""
    state = "finished" if series.finished_at else series.pace
    return f"{state}, up to tip {series.position}"
