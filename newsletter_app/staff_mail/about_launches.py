"""What staff are told about campaigns: one goes out tomorrow, one is over, and next week nothing goes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import campaigns, delivery, organisation, planning
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery, Progress, ProgressKind
from newsletter_app.feedback import FeedbackEvent, Shape
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.local_time import moment_on
from newsletter_app.staff_mail.events import Event, Facts, of_campaign
from newsletter_app.staff_mail.rules import is_eve, week_to_fill
from newsletter_app.subscriptions import ConsentRecord
from newsletter_app.tips import Tip

LATELY: Final = timedelta(days=2)
WEEK: Final = timedelta(days=7)
# The kinds of answers that a mail shows; the page has all of them.
MOST_TROUBLES: Final = 5


def tomorrow(session: Session, now: datetime) -> Iterator[Event]:
    """Yield each tip that is scheduled for tomorrow; one that is moved to another day is told anew."""
    zone = organisation.zone_of(session)
    for campaign in campaigns.upcoming(session, now):
        if is_eve(campaign.due_at, now, zone):
            about = f"campaign:{campaign.id}:{organisation.local_day(session, campaign.due_at)}"
            facts = _coming(session, campaign, now)
            yield Event("tomorrow", about, _page(campaign), now, facts)


def went(session: Session, now: datetime) -> Iterator[Event]:
    """Yield each campaign that finished lately and had readers."""
    over = select(Campaign).where(Campaign.state == "finished", Campaign.finished_at >= now - LATELY)
    found = session.scalars(over.order_by(Campaign.id)).all()
    mailed = delivery.ended_counts(session, [campaign.id for campaign in found])
    for campaign in found:
        if campaign.id in mailed and campaign.finished_at is not None:
            about = f"campaign:{campaign.id}"
            yield Event("went", about, _page(campaign), campaign.finished_at, _gone(session, campaign, now))


def gap(session: Session, now: datetime) -> Iterator[Event]:
    """Yield next week, if no tip is to go out in it; an organisation that never sent one is not hurried."""
    zone = organisation.zone_of(session)
    monday = week_to_fill(now, zone)
    if monday is None or not _has_sent(session):
        return
    begins_at, ends_at = moment_on(monday, 0, zone), moment_on(monday + WEEK, 0, zone)
    of_week = select(Campaign.id).where(
        Campaign.tip_id.is_not(None), Campaign.due_at >= begins_at, Campaign.due_at < ends_at
    )
    if session.scalar(of_week.where(Campaign.state != "cancelled").limit(1)) is None:
        ready = select(func.count()).select_from(Tip).where(Tip.stage == "approved", Tip.state == "draft")
        facts = {"monday": begins_at.isoformat(), "ready": session.scalar(ready) or 0}
        yield Event("gap", f"week:{monday}", "console/campaigns", now, lambda _language: facts)


def _page(campaign: Campaign) -> str:
    return f"console/campaigns/{campaign.id}"


def _has_sent(session: Session) -> bool:
    sent = select(Campaign.id).where(Campaign.tip_id.is_not(None), Campaign.started_at.is_not(None))
    return session.scalar(sent.limit(1)) is not None


def _coming(session: Session, campaign: Campaign, now: datetime) -> Facts:
    def facts(language: Language) -> dict[str, Any]:
        ids = campaigns.notice_ids_of(session, campaign.id)
        readers = planning.reached(session, ids, now).readers()
        called = of_campaign(session, campaign, language)
        return {"called": called, "due_at": campaign.due_at.isoformat(), "readers": readers}

    return facts


def _gone(session: Session, campaign: Campaign, now: datetime) -> Facts:
    def facts(language: Language) -> dict[str, Any]:
        found = delivery.progress(session, campaign, now)
        return {
            "called": of_campaign(session, campaign, language),
            "counts": _counts(session, campaign, found),
            "troubles": [
                {"readers": kind.readers, "said": _said(kind)}
                for kind in found.troubles[:MOST_TROUBLES]
                if kind.code or kind.text
            ],
        }

    return facts


def _said(kind: ProgressKind) -> str:
    return " ".join(filter(None, (str(kind.code or ""), kind.enhanced, kind.text)))


def _counts(session: Session, campaign: Campaign, found: Progress) -> dict[str, int]:
    replies = select(func.count()).where(
        FeedbackEvent.campaign_id == campaign.id, FeedbackEvent.shape == Shape.reply
    )
    # As it was written at the end: of a large campaign, ``found`` may be a count of shortly before.
    ended = delivery.ended_counts(session, [campaign.id])[campaign.id]
    return {
        "accepted": ended.get("accepted", 0),
        "refused": ended.get("refused", 0) + ended.get("expired", 0),
        "uncertain": ended.get("uncertain", 0),
        "left_out": ended.get("skipped", 0),
        "bounced": found.bounced,
        "complained": found.complained,
        "replies": session.scalar(replies) or 0,
        "stopped": _stopped_since(session, campaign),
    }


def _stopped_since(session: Session, campaign: Campaign) -> int:
    """Return how many of its readers have stopped something since it began."""
    stopped = (
        select(func.count(Delivery.subscriber_id.distinct()))
        .join(ConsentRecord, ConsentRecord.subscriber_id == Delivery.subscriber_id)
        .where(Delivery.campaign_id == campaign.id, Delivery.state == "accepted")
        .where(ConsentRecord.act == "withdrawn", ConsentRecord.at >= campaign.started_at)
    )
    return session.scalar(stopped) or 0
