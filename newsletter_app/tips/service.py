"""Putting a tip on the web, into a notice's stream, and taking it back; each may be repeated harmlessly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, exists, literal, select, update
from sqlalchemy.orm import Session

from newsletter_app import notices
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.upserts import insert
from newsletter_app.notices import Notice
from newsletter_app.tips.models import ARCHIVE, Publication, Tip, TipSide
from newsletter_app.tips.rules import missing_to_publish
from newsletter_app.tips.standing import put_up, raise_version
from newsletter_app.tips.topics import give_topics
from newsletter_app.tips.writing.releasing import is_held_back, release
from newsletter_app.tips.writing.stages import approve_by_sending


def publish(session: Session, tip: Tip, now: datetime) -> None:
    """Put the tip on the web as it was approved; it mails nobody.

    What was changed since its approval, of a tip that is on the web, stays with the desk. Raises Breach
    ``tip-incomplete`` saying what is missing, and ``tip-not-approved`` where the organisation wants that.
    """
    notice = notices.find(session, tip.notice_id)
    if not is_held_back(tip):
        approve_by_sending(session, tip)
    if tip.stage == "approved":
        release(session, tip, now)
    missing = missing_to_publish(tip, notice) if notice else ("notice",)
    if missing:
        raise Breach("tip-incomplete", number=tip.number, missing=",".join(missing))
    tip.published_at = tip.published_at or now
    tip.state, tip.withdrawn_at, tip.withdrawn_why = "published", None, ""
    put_up(session, tip, now)


def send_into(session: Session, tip: Tip, notice_ids: Iterable[int], now: datetime) -> list[Publication]:
    """Put the tip into these streams, each at its next place; a stream that has it keeps it where it is.

    One that only has it in its archive takes it into the stream: nobody was mailed it as it came.
    """
    standing = {
        publication.notice_id: publication
        for publication in session.scalars(select(Publication).where(Publication.tip_id == tip.id))
    }
    for notice_id in notice_ids:
        found = standing.get(notice_id)
        if found is not None and found.seq < ARCHIVE:
            continue
        seq = notices.next_seq(session, notice_id)
        if found is None:
            found = standing[notice_id] = Publication(tip_id=tip.id, notice_id=notice_id)
            session.add(found)
        found.seq, found.created_at = seq, now
    session.flush()
    return list(standing.values())


def lacks_place(session: Session, notice_id: int) -> bool:
    """Tell whether a numbered tip of the notice is on the web and was never sent into it."""
    return session.scalar(_without_place(notice_id).limit(1)) is not None


def place_archive(session: Session, notice_id: int, now: datetime) -> list[int]:
    """Give these tips places beyond the notice's stream, which mails nobody; return the new places' ids."""
    without = _without_place(notice_id).subquery()
    places = select(Tip.id, literal(notice_id), ARCHIVE + Tip.number, literal(now, UtcDateTime)).where(
        Tip.id.in_(select(without.c.id))
    )
    names = ["tip_id", "notice_id", "seq", "created_at"]
    made = insert(session, Publication).from_select(names, places).on_conflict_do_nothing()
    return list(session.scalars(made.returning(Publication.id)))


def _without_place(notice_id: int) -> Select[int]:
    placed = exists().where(Publication.tip_id == Tip.id, Publication.notice_id == notice_id)
    return select(Tip.id).where(
        Tip.notice_id == notice_id,
        Tip.number.is_not(None),
        Tip.state == "published",
        Tip.withdrawn_at.is_(None),
        ~placed,
    )


def withdraw(session: Session, tip: Tip, why: str, now: datetime) -> None:
    """Take the tip off the lists; its address stays and says why and since when."""
    tip.withdrawn_at, tip.withdrawn_why = now, why
    put_up(session, tip, now)


def review(
    session: Session, tip: Tip, *, reviewer: str, on: date, due: date | None, today: date, now: datetime
) -> None:
    """Note who checked the tip, on which day, and by when it is to be checked again.

    Raises Breach ``review-days`` when that day has not come yet, or the next check would not come after it.
    """
    if on > today or (due is not None and due <= on):
        raise Breach("review-days", on=on, due=due)
    tip.reviewed_by, tip.reviewed_on, tip.review_due = reviewer, on, due
    put_up(session, tip, now)


def lock_disclaimer(session: Session, notice: Notice, texts: Mapping[Language, str], now: datetime) -> int:
    """Let every tip of the notice, now and later, bear these disclaimers; return how many sides have changed.

    With empty texts the tips keep what they have, and each may change its own again.
    """
    changed = 0
    notices.lock_disclaimer(notice, texts)
    for language, text in texts.items():
        theirs = select(Tip.id).where(Tip.notice_id == notice.id)
        sides = update(TipSide).where(TipSide.tip_id.in_(theirs), TipSide.language == language)
        if text:
            others = sides.where(TipSide.disclaimer != text).values(disclaimer=text).returning(TipSide.id)
            changed += len(session.scalars(others).all())
    raise_version(session, now)
    session.flush()
    return changed


def set_topics(session: Session, tip: Tip, keys: Sequence[str], now: datetime) -> None:
    """Let the tip be about these topics and no others. Raises Breach ``topic-unknown`` naming the keys."""
    give_topics(session, tip, keys)
    put_up(session, tip, now)
