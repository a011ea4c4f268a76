"""Questions about what came back: what waits for a person, how often a domain refused us, whose it was."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.feedback.models import FeedbackEvent
from newsletter_app.feedback.reading import Shape
from newsletter_app.feedback.rules import NO_DOMAINS_VERDICT, Effect, State
from newsletter_app.mail.refusals import Kind
from newsletter_app.tips import Publication

DAY = timedelta(days=1)
HOOK = "hook:"  # How the sources of what providers told begin.


def find_by_digest(session: Session, digest: str) -> FeedbackEvent | None:
    """Return the event of a mail that was received before, or None."""
    return session.scalar(select(FeedbackEvent).where(FeedbackEvent.digest == digest))


def waiting(session: Session, limit: int = 100) -> list[FeedbackEvent]:
    """Return what a person is to read, the oldest first."""
    mine = select(FeedbackEvent).where(FeedbackEvent.state == State.waiting)
    return list(session.scalars(mine.order_by(FeedbackEvent.id).limit(limit)))


def count_waiting(session: Session, at_most: int) -> int:
    """Return how many a person is to read, up to ``at_most``; the mails themselves are not read."""
    mine = select(FeedbackEvent.id).where(FeedbackEvent.state == State.waiting).limit(at_most)
    return session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def newest(session: Session, limit: int = 100) -> list[FeedbackEvent]:
    """Return what came back last, the newest first."""
    return list(session.scalars(select(FeedbackEvent).order_by(FeedbackEvent.id.desc()).limit(limit)))


def was_paused(session: Session, campaign_id: int) -> bool:
    """Whether complaints paused this campaign before: whoever let it go on knew."""
    paused = select(FeedbackEvent.id).where(
        FeedbackEvent.campaign_id == campaign_id, FeedbackEvent.effect == Effect.paused
    )
    return session.scalar(paused.limit(1)) is not None


def vouched_complaints(session: Session, campaign_id: int) -> int:
    """Return how many readers of a campaign complained by the word of a provider that proved itself."""
    readers = select(func.count(FeedbackEvent.subscriber_id.distinct())).where(
        FeedbackEvent.campaign_id == campaign_id,
        FeedbackEvent.shape == Shape.complaint,
        FeedbackEvent.source.startswith(HOOK, autoescape=True),
    )
    return session.scalar(readers) or 0


def faults_of(session: Session, domain: str, now: datetime, but: int = 0) -> int:
    """Return of how many readers at ``domain`` mail came back by our fault within a day.

    ``but`` is an event that is left out.
    """
    readers = select(func.count(FeedbackEvent.subscriber_id.distinct())).where(
        FeedbackEvent.domain == domain,
        FeedbackEvent.received_at > now - DAY,
        FeedbackEvent.kind == Kind.sender_fault,
        FeedbackEvent.reason.not_in(NO_DOMAINS_VERDICT),
        FeedbackEvent.id != but,
    )
    return session.scalar(readers) or 0


def notices_of(session: Session, campaign_id: int, subscriber_id: int) -> list[int]:
    """Return the notices that a reader's mail of a campaign held; none once its row was retired."""
    held = (
        select(Publication.notice_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .join(Delivery, Delivery.edition_id == EditionItem.edition_id)
        .where(Delivery.campaign_id == campaign_id, Delivery.subscriber_id == subscriber_id)
        .distinct()
    )
    return sorted(session.scalars(held))


def find_delivery(session: Session, campaign_id: int, subscriber_id: int) -> Delivery | None:
    """Return the delivery that a proof names, None for one that was retired or never was."""
    return session.get(Delivery, (campaign_id, subscriber_id))
