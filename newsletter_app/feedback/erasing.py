"""What came back about or from somebody who is erased: the mails and their words go, what they were stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app.feedback.models import FeedbackEvent
from newsletter_app.feedback.reading import spells
from newsletter_app.feedback.rules import State
from newsletter_app.kernel.data_subject import DataSubject

AT_ONCE: Final = 100
NOBODY: Final = {"raw": b"", "said": "", "subscriber_id": None, "domain": None}


def erase(session: Session, whose: DataSubject) -> list[int]:
    """Empty every mail that is proven to be of this person, or that spells one of their addresses.

    Returns the ids of the events. Their digests stay, so that an old copy has no effect again; one that
    waited for a person waits no more.
    """
    theirs = sorted({*_proven(session, whose), *_spelled(session, whose)})
    event = update(FeedbackEvent).where(FeedbackEvent.id.in_(theirs))
    session.execute(event.values(NOBODY))
    session.execute(event.where(FeedbackEvent.state == State.waiting).values(state=State.ignored))
    return theirs


def let_go_of(session: Session, subscriber_id: int) -> None:
    """Empty what is proven to be of a reader whose time is over; mails that spell them are long gone."""
    mine = update(FeedbackEvent).where(FeedbackEvent.subscriber_id == subscriber_id)
    session.execute(mine.values(NOBODY), execution_options={"synchronize_session": False})


def _proven(session: Session, whose: DataSubject) -> Iterable[int]:
    if whose.subscriber_id is None:
        return []
    mine = select(FeedbackEvent.id).where(FeedbackEvent.subscriber_id == whose.subscriber_id)
    return session.scalars(mine).all()


def _spelled(session: Session, whose: DataSubject) -> Iterable[int]:
    """Read every mail that is kept: a bounce is about one address, an answer quotes whom it pleases."""
    kept = select(FeedbackEvent.id, FeedbackEvent.raw).where(FeedbackEvent.raw != b"")
    rows = session.execute(kept.execution_options(yield_per=AT_ONCE))
    return [event_id for event_id, raw in rows if spells(raw, whose.spellings)]
