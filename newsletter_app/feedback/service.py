"""Receiving: every way in hands its octets here; each mail is kept once, and has its effect once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from newsletter_app.feedback import effects, queries, strangers
from newsletter_app.feedback.effects import Person
from newsletter_app.feedback.forwarding import forward
from newsletter_app.feedback.models import FeedbackEvent
from newsletter_app.feedback.proving import Proof, proven
from newsletter_app.feedback.reading import Failure, Reading, Shape, Told, read, read_told
from newsletter_app.feedback.rules import Effect, Standing, State, meant
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.upserts import insert

# Octets of a mail that are kept, head and beginning: what a person needs to understand it. More is read.
MAX_KEPT: Final = 64 * 1024
MAX_SAID: Final = 300
# What somebody wrote themselves is for a person to read, whoever they are.
WRITTEN: Final = frozenset({Shape.reply, Shape.stop})
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a mail: its event, whether it is new, what it is, where it stands, what followed.

    There is no event of a mail that was turned away (``strangers``).
    """

    event_id: int | None
    is_new: bool
    shape: Shape
    state: State
    effect: Effect | None = None


def receive(
    session: Session,
    raw: bytes,
    *,
    source: str,
    links: Links,
    now: datetime,
    envelope: Iterable[str] = (),
) -> Received:
    """Keep a mail that came back and let it have its effect; the same mail again changes nothing.

    ``source`` names the way in ("maildir", "lmtp", "hook:ses"); ``envelope`` is whom the mail was handed to,
    where the way in knows. Without a token of ours in it no reader is touched. Any octets are taken, of
    strangers so many a day.
    """
    reading = read(raw, envelope)
    digest = hashlib.sha256(raw.replace(b"\r\n", b"\n").strip()).hexdigest()
    kept: dict[str, Any] = {"digest": digest, "source": source[:40], "received_at": now}
    kept["raw"] = raw[:MAX_KEPT]
    proof = proven(reading.marks, links)
    is_strange = proof is None and queries.find_by_digest(session, digest) is None
    if is_strange and not strangers.admit(session, len(kept["raw"]), reading.sender, now):
        return Received(None, True, reading.shape, State.turned_away)
    return _take(session, reading, proof, kept, now)


def take(session: Session, told: Told, *, source: str, links: Links, now: datetime) -> Received:
    """Keep what a provider told, proven to be that provider's, and let it have its effect; once a key.

    A Message-ID is believed here, with the address it went to: nobody else can have a provider tell of a mail
    that was handed over with our account.
    """
    reading = read_told(told)
    digest = hashlib.sha256(f"{source}:{told.key}".encode("utf-8", "surrogatepass")).hexdigest()
    kept = {"digest": digest, "source": source[:40], "received_at": now, "raw": told.raw[:MAX_KEPT]}
    proof = proven(reading.marks, links) or effects.attested(session, told)
    return _take(session, reading, proof, kept, now)


def _take(
    session: Session, reading: Reading, proof: Proof | None, kept: dict[str, Any], now: datetime
) -> Received:
    """Keep and follow. Of a report about whoever was erased since, only the digest is kept."""
    if proof is not None:
        proof = effects.with_campaign(session, proof)
    who = effects.person(session, proof) if proof is not None else None
    failure = meant(reading.failures, who.subscriber.address if who and who.subscriber else "")
    if proof is not None and who is None and reading.shape not in WRITTEN:
        kept["raw"] = b""
    row = _row(reading, proof, who, failure) | kept
    # Two ways in may bring the same mail in one moment: the unique digest lets one of them go on.
    keeping = insert(session, FeedbackEvent).values(row).on_conflict_do_nothing()
    event_id = session.scalar(keeping.returning(FeedbackEvent.id))
    event = (
        session.get(FeedbackEvent, event_id) if event_id else queries.find_by_digest(session, kept["digest"])
    )
    if event is None:
        raise RuntimeError("an event that was just kept is not there")
    if event_id:
        event.state, event.effect = _follow(session, reading, proof, who, failure, event, now)
        session.flush()
    effect = Effect(event.effect) if event.effect else None
    return Received(event.id, bool(event_id), Shape(event.shape), State(event.state), effect)


def _follow(
    session: Session,
    reading: Reading,
    proof: Proof | None,
    who: Person | None,
    failure: Failure | None,
    event: FeedbackEvent,
    now: datetime,
) -> tuple[State, Effect | None]:
    """Let a mail have its effect; none touches a reader without a proof and a row that it names."""
    waits = _state_without_effect(reading)
    if waits is not None:
        return waits, None
    if proof is None:
        return (State.waiting if reading.shape in (Shape.stop, Shape.reply) else State.unproven), None
    if reading.shape is Shape.reply:
        known = who is not None and who.subscriber is not None
        is_gone = known and forward(session, reading, event, now)
        return (State.applied, Effect.forwarded) if is_gone else (State.waiting, None)
    if who is None:
        return State.ignored, None
    effect: Effect | None = None
    if reading.shape is Shape.complaint:
        effect = effects.complaint(session, proof, who, reading, now)
    elif failure is not None:
        effect = effects.bounce(session, proof, who, failure, event, now)
    elif (wording := _wish(reading, proof, who)) and who.subscriber is not None:
        effect = effects.stop(session, proof, who.subscriber, wording, now)
    elif reading.shape is Shape.stop:
        return State.waiting, None
    return (State.applied if effect else State.ignored), effect


def _state_without_effect(reading: Reading) -> State | None:
    """Return where a mail stands that has no effect whoever sent it; None for one that may have one."""
    if reading.shape in (Shape.auto_reply, Shape.feedback, Shape.unreadable):
        return State.ignored
    harms = reading.shape is not Shape.report or any(one.is_harm for one in reading.failures)
    return None if harms else State.ignored


def _wish(reading: Reading, proof: Proof, who: Person) -> str | None:
    """Return the wish to stop as it is recorded, None where the mail is not the reader's own wish.

    A forwarded mail holds its first reader's token: only that reader's own answer stops it.
    """
    address = who.subscriber.address.lower() if who.subscriber is not None else None
    if reading.shape is Shape.unsubscribe and proof.by_recipient:
        return "List-Unsubscribe, by mail"
    return "STOP, by mail" if reading.shape is Shape.stop and reading.sender == address else None


def _row(
    reading: Reading, proof: Proof | None, who: Person | None, failure: Failure | None
) -> dict[str, Any]:
    reader = who.subscriber if who is not None else None
    is_current = who is not None and who.standing is Standing.current
    told: dict[str, Any] = {"kind": "none", "said": _without_addresses(reading.subject)}
    if failure is not None:
        told = {
            "kind": failure.verdict.kind,
            "reason": failure.verdict.reason,
            "code": failure.code,
            "enhanced": failure.enhanced,
            "said": _without_addresses(failure.text),
        }
    return told | {
        "shape": reading.shape,
        "campaign_id": proof.campaign_id if proof is not None else None,
        "subscriber_id": reader.id if reader is not None else None,
        # Refusals of a domain count by it; a mail to an address of before was refused by another one.
        "domain": reader.domain if reader is not None and is_current else None,
        "state": State.ignored,
    }


def _without_addresses(text: str) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return _ADDRESS.sub("(address)", " ".join(printable.split()))[:MAX_SAID]
