"""How each part of a tip stands on the desk: its newest revision, who wrote it, what is kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from newsletter_app import notices
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.remembering import once
from newsletter_app.tips.models import Tip
from newsletter_app.tips.writing.models import TipRevision
from newsletter_app.tips.writing.parts import (
    ABOUT,
    AboutTip,
    Content,
    Part,
    SideText,
    about,
    of_facts,
    text_of,
)


class Written(NamedTuple):
    """A part as it was left: its content, revision (0 before anything was written), by whom and when."""

    part: Part
    content: Content
    revision: int
    saved_by: str = ""
    saved_at: datetime | None = None
    follows: int | None = None


def written(session: Session, tip: Tip, part: Part) -> Written:
    """Return the newest revision of a part; of a tip that no desk has seen, what stands on it."""
    row = newest(session, tip, part)
    found = as_written_then(row) if row is not None else _as_it_stands(tip, part)
    return found._replace(content=_locked(session, tip, found))


def newest(session: Session, tip: Tip, part: Part) -> TipRevision | None:
    """Return the row that a part stands in; None for a tip that no desk has seen."""
    mine = _of(tip, part).where(TipRevision.is_aside.is_(False))
    newest_first = mine.order_by(TipRevision.revision.desc()).limit(1)
    return once(session, (TipRevision, tip.id, part), lambda: session.scalars(newest_first).first())


def side_written(session: Session, tip: Tip, language: str) -> SideText:
    """Return the newest text of a side."""
    return cast(SideText, written(session, tip, as_language(language)).content)


def about_written(session: Session, tip: Tip) -> AboutTip:
    """Return the newest of what both sides share."""
    return cast(AboutTip, written(session, tip, ABOUT).content)


def revisions(
    session: Session, tip: Tip, part: Part, limit: int | None = None, offset: int = 0
) -> Sequence[TipRevision]:
    """Return the revisions of a part, newest first, those kept aside among them; their texts if asked for."""
    order = (TipRevision.saved_at.desc(), TipRevision.revision.desc(), TipRevision.id.desc())
    mine = _of(tip, part).options(defer(TipRevision.content)).order_by(*order)
    return session.scalars(mine.limit(limit).offset(offset)).all()


def find_revision(session: Session, tip: Tip, part: Part, revision_id: int) -> TipRevision | None:
    """Return the revision of this id if it is one of this part of the tip, or None."""
    row = session.get(TipRevision, revision_id) if revision_id < 2**31 else None
    return row if row is not None and (row.tip_id, row.part) == (tip.id, part) else None


def as_written_then(row: TipRevision) -> Written:
    """Return a revision as a value."""
    part: Part = ABOUT if row.part == ABOUT else as_language(row.part)
    content = of_facts(part, row.content)
    return Written(part, content, row.revision, row.saved_by, row.saved_at, row.follows)


def _locked(session: Session, tip: Tip, found: Written) -> Content:
    """A notice that locks its disclaimer has one for all of its tips, whatever was typed before."""
    if not isinstance(found.content, SideText) or found.content.is_empty:
        return found.content
    notice = notices.find(session, tip.notice_id)
    text = notice.side(as_language(found.part)).disclaimer if notice else ""
    return replace(found.content, disclaimer=text) if text else found.content


def _of(tip: Tip, part: Part) -> Select[TipRevision]:
    return select(TipRevision).where(TipRevision.tip_id == tip.id, TipRevision.part == part)


def _as_it_stands(tip: Tip, part: Part) -> Written:
    if part == ABOUT:
        shared = about(tip)
        return Written(part, shared, int(shared != AboutTip()))
    side = tip.side(as_language(part))
    if side is None:
        return Written(part, SideText(), 0)
    return Written(part, text_of(side), side.revision, saved_at=side.updated_at)
