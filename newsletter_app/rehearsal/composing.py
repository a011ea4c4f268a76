"""A tip's mail compiled as its edition would be: the same composer, the same compiler, the same slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import notices, planning, subscriptions, tips
from newsletter_app.campaigns import audience_of, find_of_tip, next_due_for
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.mail import Compiled, compile_message
from newsletter_app.subscribers import Subscriber
from newsletter_app.tips import Tip


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose mail is rehearsed: its language and layout, and since when they have asked for it."""

    language: Language
    layout: str
    asked_at: datetime
    reader_id: int | None = None


def seat_of(session: Session, reader: Subscriber) -> Seat:
    """Return the seat of one reader."""
    rows = [row for row in subscriptions.of_subscriber(session, reader.id) if row.state == "active"]
    asked_at = min((row.confirmed_at or row.created_at for row in rows), default=reader.created_at)
    return Seat(as_language(reader.language), reader.layout, asked_at, reader.id)


def digest_of(session: Session, tip: Tip, seat: Seat, now: datetime) -> DigestOf:
    """Return what the edition for this seat would hold. Raises Breach ``reader-not-subscribed``."""
    notice_ids = audience_of(session, tip)
    mail = planning.Gathered("each", ((tip.id, notice_ids[0]),))
    if seat.reader_id is not None:
        found = planning.gathered(session, seat.reader_id, tip, notice_ids, now)
        if found is None:
            raise Breach("reader-not-subscribed")
        mail = found
    under = [notice_id for _, notice_id in mail.places]
    return DigestOf(
        tuple(tip_id for tip_id, _ in mail.places),
        tuple(notices.by_ids(session, sorted(set(under)))),
        seat.language,
        seat.layout,
        _next_at(session, tip, under, now) if mail.cadence == "each" else None,
        mail.cadence,
        tuple(under),
    )


def compiled(
    session: Session, tip: Tip, digest: DigestOf, composer: Composer, *, boundary_seed: str
) -> Compiled:
    """Return the mail with its slots open. Raises what composing and compiling raise."""
    with tips.as_it_would_leave(session, tip):
        content = composer.compose(session, digest)
    return compile_message(content, boundary_seed=boundary_seed)


def _next_at(session: Session, tip: Tip, notice_ids: Sequence[int], now: datetime) -> datetime | None:
    """The next one is what comes after this tip, which may itself be scheduled already."""
    own = find_of_tip(session, tip)
    is_to_come = own is not None and own.state == "scheduled" and own.due_at > now
    return next_due_for(session, notice_ids, own.due_at if own is not None and is_to_come else now)
