"""Tips as rows of a list, in one language: number, title, lead and place, and nothing heavier is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from newsletter_app.kernel.languages import Language
from newsletter_app.tips.models import Tip, TipRelation, TipSide
from newsletter_app.tips.topics import TipTopic


class Listed(NamedTuple):
    """One row: the side in the reader's language, else the one there is."""

    tip_id: int
    number: int | None
    language: str
    slug: str
    title: str
    lead: str


class Neighbours(NamedTuple):
    """The tips on the web before and after one by number, None where there is none."""

    before: Listed | None
    after: Listed | None


def listed(
    session: Session,
    language: Language,
    *,
    notice_id: int | None = None,
    topic_id: int | None = None,
    limit: int,
    offset: int = 0,
) -> list[Listed]:
    """Return rows of the tips on the web, highest number first and the unnumbered ones newest first."""
    order = (Tip.number.desc().nulls_last(), Tip.published_at.desc(), Tip.id.desc())
    wanted = select(Tip.id).where(*_ON_THE_WEB, *_among(notice_id, topic_id))
    # The tips are chosen before their sides are looked at, which are thousands and heavy.
    ids = session.scalars(wanted.order_by(*order).limit(limit).offset(offset)).all()
    rows = _rows(language).where(Tip.id.in_(ids)).order_by(*order)
    return [Listed(*row) for row in session.execute(rows)]


def count_listed(session: Session, *, notice_id: int | None = None, topic_id: int | None = None) -> int:
    """Return how many rows ``listed`` has in all."""
    shown = select(func.count()).select_from(Tip).where(*_ON_THE_WEB, *_among(notice_id, topic_id))
    return session.scalar(shown) or 0


def listed_sides(session: Session, side_ids: Sequence[int]) -> list[Listed]:
    """Return the rows of these sides, in this order, those of them that are on the web."""
    sides = select(TipSide.id, *_COLUMNS).join(Tip, Tip.id == TipSide.tip_id)
    rows = session.execute(sides.where(TipSide.id.in_(side_ids), *_ON_THE_WEB))
    found = {row[0]: Listed(*row[1:]) for row in rows}
    return [found[side_id] for side_id in side_ids if side_id in found]


def chosen(session: Session, tip_id: int, language: Language, limit: int = 3) -> list[Listed]:
    """Return rows of the tips on the web that the editor put under a tip's "Food for thought…", in order."""
    mine = TipRelation.tip_id == tip_id
    rows = _rows(language).join(TipRelation, TipRelation.related_tip_id == Tip.id).where(mine)
    return [Listed(*row) for row in session.execute(rows.order_by(TipRelation.position).limit(limit))]


def beside(session: Session, number: int | None, language: Language) -> Neighbours:
    """Return the tips before and after ``number``; none of either for a tip without one."""
    if number is None:
        return Neighbours(None, None)
    before = _rows(language).where(Tip.number < number).order_by(Tip.number.desc()).limit(1)
    after = _rows(language).where(Tip.number > number).order_by(Tip.number).limit(1)
    return Neighbours(*(_one(session, rows) for rows in (before, after)))


_ON_THE_WEB = (Tip.state == "published", Tip.withdrawn_at.is_(None))
_COLUMNS = (TipSide.tip_id, Tip.number, TipSide.language, TipSide.slug, TipSide.title, TipSide.lead)


def _rows(language: Language) -> Select[int, int | None, str, str, str, str]:
    own = aliased(TipSide)
    has_own = select(own.id).where(own.tip_id == Tip.id, own.language == language).exists()
    wanted = case((has_own, TipSide.language == language), else_=TipSide.language != language)
    return select(*_COLUMNS).join(Tip, Tip.id == TipSide.tip_id).where(and_(*_ON_THE_WEB, wanted))


def _among(notice_id: int | None, topic_id: int | None) -> list[ColumnElement[bool]]:
    notice = [Tip.notice_id == notice_id] if notice_id is not None else []
    about = select(TipTopic.tip_id).where(TipTopic.topic_id == topic_id)
    return notice + ([Tip.id.in_(about)] if topic_id is not None else [])


def _one(session: Session, rows: Select[int, int | None, str, str, str, str]) -> Listed | None:
    found = session.execute(rows).first()
    return Listed(*found) if found else None
