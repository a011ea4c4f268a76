"""Notices: the streams a reader can choose; adding one, finding some, taking the next place in a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.kernel.remembering import once
from newsletter_app.notices.models import Notice, NoticeSide
from newsletter_app.notices.queries import NoticeView, Words, views

__all__ = [
    "Notice",
    "NoticeSide",
    "NoticeView",
    "Words",
    "add",
    "by_ids",
    "find",
    "find_by_key",
    "hold",
    "lock_disclaimer",
    "next_seq",
    "numbered",
    "offer_series",
    "offered",
    "views",
]


def add(
    session: Session,
    *,
    key: str,
    words: Mapping[Language, Words],
    now: datetime,
    numbered: bool = False,
    needs_references: bool = False,
    needs_disclaimer: bool = False,
    offers_series: bool = False,
) -> Notice:
    """Add a notice at the end of the list.

    Raises Breach when the key is taken or a language is missing, and ``series-without-numbers``.
    """
    if find_by_key(session, key) is not None:
        raise Breach("notice-key-taken", key=key)
    if missing := [language for language in LANGUAGES if language not in words]:
        raise Breach("notice-side-missing", key=key, languages=",".join(missing))
    notice = Notice(key=key, position=len(offered(session)), numbered=numbered, created_at=now)
    notice.needs_references, notice.needs_disclaimer = needs_references, needs_disclaimer
    offer_series(notice, is_offered=offers_series)
    notice.sides = [NoticeSide(language=language, **words[language]._asdict()) for language in LANGUAGES]
    session.add(notice)
    session.flush()
    return notice


def offered(session: Session) -> list[Notice]:
    """Return the notices one can choose now, in their order."""
    return list(session.scalars(select(Notice).where(Notice.offered).order_by(Notice.position, Notice.id)))


def by_ids(session: Session, ids: Iterable[int]) -> list[Notice]:
    """Return these notices, retired ones too, in their order."""
    wanted = sorted(set(ids))
    found = select(Notice).where(Notice.id.in_(wanted)).order_by(Notice.position, Notice.id)
    return list(once(session, (Notice, *wanted), lambda: session.scalars(found).all()))


def find(session: Session, notice_id: int) -> Notice | None:
    """Return the notice with this id, or None."""
    return session.get(Notice, notice_id)


def find_by_key(session: Session, key: str) -> Notice | None:
    """Return the notice with this key, or None."""
    return session.scalar(select(Notice).where(Notice.key == key))


def hold(session: Session, notice_id: int) -> Notice:
    """Return a notice as it is now, and keep others from changing its stream until the transaction ends.

    Whoever signs up for it meanwhile does not wait.
    """
    return session.get_one(
        Notice, notice_id, with_for_update={"key_share": True}, populate_existing=True
    )  # fmt: skip


def offer_series(notice: Notice, *, is_offered: bool) -> None:
    """Let readers of a numbered notice read it from tip 1, or begin no more to. What runs goes on.

    Raises Breach ``series-without-numbers``.
    """
    if is_offered and not notice.numbered:
        raise Breach("series-without-numbers", key=notice.key)
    notice.offers_series = is_offered


def numbered(session: Session) -> list[Notice]:
    """Return the notices whose tips have numbers, retired ones too."""
    return list(session.scalars(select(Notice).where(Notice.numbered).order_by(Notice.id)))


def lock_disclaimer(notice: Notice, texts: Mapping[Language, str]) -> None:
    """Let every tip of the notice bear these disclaimers; with empty texts each has its own again."""
    for language, text in texts.items():
        notice.side(language).disclaimer = text


def next_seq(session: Session, notice_id: int) -> int:
    """Take the next place in a stream; one UPDATE, since reading first loses one under two publishers."""
    raised = update(Notice).where(Notice.id == notice_id).values(last_seq=Notice.last_seq + 1)
    return session.execute(raised.returning(Notice.last_seq)).scalar_one()
