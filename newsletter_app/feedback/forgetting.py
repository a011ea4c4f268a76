"""What is let go of: mails that were read, and mails too old, with their words; what they were is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from newsletter_app.feedback import strangers
from newsletter_app.feedback.models import HAS_MAIL, FeedbackEvent
from newsletter_app.feedback.rules import State
from newsletter_app.kernel.unit_of_work import UnitOfWork

# A bounce is asked about within weeks, a complaint within a season.
KEPT_FOR: Final = timedelta(days=90)
# What nobody has read for half a year nobody will read.
WAITS_FOR: Final = timedelta(days=180)
# A mail has 64 KB; so many in one transaction hold up nobody.
AT_ONCE: Final = 200
UNSYNCED: Final = {"synchronize_session": False}


def done(session: Session, event_id: int) -> bool:
    """Note that a person has read what waited; return whether it did. ``forget`` takes it in its time."""
    waiting = update(FeedbackEvent).where(FeedbackEvent.id == event_id, FeedbackEvent.state == State.waiting)
    ended = waiting.values(state=State.ignored).returning(FeedbackEvent.id)
    return session.scalar(ended) is not None


def give_up(session: Session, before: datetime) -> int:
    """End the waiting of what came before; return how many. ``forget`` takes them then."""
    old = (FeedbackEvent.state == State.waiting, FeedbackEvent.received_at < before)
    ending = update(FeedbackEvent).where(*old).values(state=State.ignored).returning(FeedbackEvent.id)
    return len(session.scalars(ending, execution_options=UNSYNCED).all())


def forget(session: Session, before: datetime, at_most: int | None = None) -> int:
    """Let go of the mails themselves, and of their words, that came before; return how many.

    What they were and what followed stays; so does the digest, so that an old copy has no effect again.
    What waits for a person is kept whole until it is ``done`` or given up.
    """
    old = (FeedbackEvent.received_at < before, FeedbackEvent.state != State.waiting, text(HAS_MAIL))
    first = select(FeedbackEvent.id).where(*old).order_by(FeedbackEvent.received_at).limit(at_most)
    emptying = update(FeedbackEvent).where(FeedbackEvent.id.in_(first)).values(raw=b"", said="")
    return len(session.scalars(emptying.returning(FeedbackEvent.id), execution_options=UNSYNCED).all())


def tidy(unit_of_work: UnitOfWork, now: datetime, stop: Callable[[], bool]) -> int:
    """Let go of all that is too old, some in each transaction; return how many mails."""
    with unit_of_work() as session:
        give_up(session, now - WAITS_FOR)
        strangers.forget_days(session, now - KEPT_FOR)
    total = 0
    while not stop():
        with unit_of_work() as session:
            gone = forget(session, now - KEPT_FOR, AT_ONCE)
        total += gone
        if gone < AT_ONCE:
            break
    return total
