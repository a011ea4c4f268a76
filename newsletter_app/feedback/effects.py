"""What follows from what came back, once its reader is proven; each may be repeated, none sends anything.

Nothing here writes a mail: a bounce that caused one could go round for ever (M47).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app import audit, campaigns, delivery, ledger, subscribers, subscriptions, suppression
from newsletter_app.delivery import Followed
from newsletter_app.feedback import queries
from newsletter_app.feedback.models import FeedbackEvent
from newsletter_app.feedback.proving import Proof
from newsletter_app.feedback.reading import Failure, Reading, Shape, Told
from newsletter_app.feedback.rules import (
    Effect,
    Measure,
    Standing,
    Weight,
    holds_domain,
    measure,
    standing,
    weigh,
)
from newsletter_app.ledger import BreakerKind, Why
from newsletter_app.mail.refusals import Kind
from newsletter_app.mail.replies import Reply
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Evidence

MACHINE: Final = "machine"
# Message-IDs as our mails bear them (``delivery.message_id``, ``service_mail.rendering.message_id``).
_CAMPAIGN_ID: Final = re.compile(r"<?c(\d{1,9})\.(\d{1,9})\.[0-9a-f]{16}@", re.ASCII)
_SERVICE_ID: Final = re.compile(r"<?s(\d{1,9})\.[0-9a-f]{16}@", re.ASCII)
MOST_IDS: Final = 4

COMPLAINTS: Final = "complaints"  # Why a campaign is held (``pause_reason``).


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an event is about: an address by its key, with the subscriber behind it if there is one.

    A service mail names its address itself; a reader's is today's, and ``standing`` says if it was then.
    """

    address_key: str
    subscriber: Subscriber | None
    source: str
    standing: Standing = Standing.current


def person(session: Session, proof: Proof) -> Person | None:
    """Return whom a proof names, None where the rows are gone (erased, retired)."""
    if proof.mail_id is not None:
        mail = session.get(ServiceMail, proof.mail_id)
        if mail is None:
            return None
        known = subscribers.find_by_key(session, mail.address_key)
        return Person(mail.address_key, known, f"service mail: {mail.kind}")
    reader = subscribers.find(session, proof.subscriber_id or 0)
    if reader is None:
        return None
    stands = _standing(session, proof, reader)
    return Person(reader.address_key, reader, f"campaign {proof.campaign_id or 'unknown'}", stands)


def _standing(session: Session, proof: Proof, reader: Subscriber) -> Standing:
    row = queries.find_delivery(session, proof.campaign_id, reader.id) if proof.campaign_id else None
    left_at = row.first_attempt_at if row is not None else None
    has_moved = subscribers.changed_address_since(session, reader.id, left_at or reader.created_at)
    return standing(has_left=left_at is not None, has_moved=has_moved)


def attested(session: Session, told: Told) -> Proof | None:
    """Return whose mail a provider names by a Message-ID of ours, where it went to that very address."""
    address = told.address.strip().lower()
    for text in told.message_ids[:MOST_IDS]:
        if found := _CAMPAIGN_ID.match(text):
            campaign_id, reader_id = int(found[1]), int(found[2])
            reader = subscribers.find(session, reader_id)
            row = queries.find_delivery(session, campaign_id, reader_id)
            if reader is not None and row is not None and reader.address.lower() == address:
                return Proof(reader_id, campaign_id)
        elif found := _SERVICE_ID.match(text):
            mail = session.get(ServiceMail, int(found[1]))
            if mail is not None and mail.address.lower() == address:
                return Proof(mail_id=mail.id)
    return None


def with_campaign(session: Session, proof: Proof) -> Proof:
    """Believe a hint at the campaign where that campaign had a mail for the proven reader."""
    hint, reader = proof.hinted_campaign_id, proof.subscriber_id
    if hint is None or reader is None or queries.find_delivery(session, hint, reader) is None:
        return proof
    return replace(proof, campaign_id=hint)


def bounce(
    session: Session, proof: Proof, who: Person, failure: Failure, event: FeedbackEvent, now: datetime
) -> Effect | None:
    """Let a failure have its effect; None where no such mail left, or the address is another by now."""
    if measure(Shape.report, who.standing) is not Measure.whole:
        return None
    if failure.verdict.kind is Kind.sender_fault:
        return _our_fault(session, failure, event, now)
    if proof.campaign_id is None or who.subscriber is None:
        return _of_no_campaign(session, who, failure, now)
    followed = delivery.note_bounce(session, proof.campaign_id, who.subscriber.id, failure.verdict, now)
    return {Followed.suppressed: Effect.suppressed, Followed.counted: Effect.counted}.get(followed)


def complaint(session: Session, proof: Proof, who: Person, reading: Reading, now: datetime) -> Effect:
    """End every subscription and suppress the address at once (M43); weigh the campaign's complaints.

    It goes so far only as the mail that it is about is known (``rules.measure``).
    """
    how_far = measure(Shape.complaint, who.standing)
    source = f"{who.source}: {reading.feedback_type}"
    if who.subscriber is not None and how_far is not Measure.tally:
        evidence = Evidence(wording=f"Feedback report (RFC 5965): {reading.feedback_type}")
        subscriptions.stop(session, who.subscriber.id, None, source="complaint", evidence=evidence, now=now)
    if how_far is Measure.whole:
        suppression.suppress(session, who.address_key, "bulk", "complaint", source, now)
    effect = Effect.noted if how_far is Measure.tally else Effect.ended
    if proof.campaign_id is None or who.subscriber is None or not who.standing.has_left:
        return effect
    delivery.note_complaint(session, proof.campaign_id, who.subscriber.id)
    return _weighed(session, proof.campaign_id, now) or effect


def stop(session: Session, proof: Proof, reader: Subscriber, wording: str, now: datetime) -> Effect:
    """End the notices of that mail as one click does; all of them where nobody knows any more which."""
    notice_ids = proof.notice_ids
    if notice_ids is None and proof.campaign_id is not None:
        notice_ids = tuple(queries.notices_of(session, proof.campaign_id, reader.id)) or None
    evidence = Evidence(wording=wording)
    subscriptions.stop(session, reader.id, notice_ids, source="mail", evidence=evidence, now=now)
    return Effect.stopped


def _of_no_campaign(session: Session, who: Person, failure: Failure, now: datetime) -> Effect:
    """Suppress whose service mail came back for good; what is soft is tried again by the next one."""
    if not delivery.is_gone(failure.verdict):
        return Effect.counted
    source = f"{who.source}: {failure.verdict.kind}, {failure.verdict.reason}"
    suppression.suppress(session, who.address_key, "bulk", "bounce", source, now)
    return Effect.suppressed


def _our_fault(session: Session, failure: Failure, event: FeedbackEvent, now: datetime) -> Effect:
    """Hold the domain after some such reports, as the sending loop does after such replies (M40)."""
    if event.domain is None:
        return Effect.noted
    readers = queries.faults_of(session, event.domain, now)
    # One reader's token, sent again and again, would hold the domain again after each probe.
    is_new = readers > queries.faults_of(session, event.domain, now, but=event.id)
    if not (is_new and holds_domain(readers)):
        return Effect.noted
    why = Why(None, Reply(failure.code or 550, failure.enhanced, event.said))
    if not ledger.trip(session, BreakerKind.domain, event.domain, why, now):
        return Effect.noted
    audit.note(session, actor=MACHINE, action="domain.held", subject=f"event:{event.id}", now=now)
    return Effect.domain_held


def _weighed(session: Session, campaign_id: int, now: datetime) -> Effect | None:
    found = delivery.came_back(session, campaign_id)
    weight = weigh(found, queries.vouched_complaints(session, campaign_id))
    if weight is Weight.light:
        return None
    reason = f"{COMPLAINTS}:{found.complained} of {found.accepted}"
    pauses = weight is Weight.pause and not queries.was_paused(session, campaign_id)
    is_paused = pauses and campaigns.hold(session, campaign_id, reason)
    action = "campaign.paused" if is_paused else "campaign.complaints"
    facts = {"complaints": found.complained, "accepted": found.accepted}
    audit.note(
        session, actor=MACHINE, action=action, subject=f"campaign:{campaign_id}", details=facts, now=now
    )
    return Effect.paused if is_paused else Effect.alarmed
