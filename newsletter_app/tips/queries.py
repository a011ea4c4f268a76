"""Questions about tips; each is one statement, and none of them writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer, lazyload, selectinload

from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.remembering import once
from newsletter_app.tips.models import (
    ARCHIVE,
    Publication,
    Reference,
    Tip,
    TipReference,
    TipRelation,
    TipSide,
)

# For lists: fifty tips whole are a megabyte and more. What is left out is read when it is asked for.
TITLES_ALONE: Final = (
    selectinload(Tip.sides).options(
        defer(TipSide.lead), defer(TipSide.body), defer(TipSide.disclaimer), defer(TipSide.alt)
    ),
    lazyload(Tip.citations),
)


class Place(NamedTuple):
    """Where one side of a tip stands on the web, and since when."""

    tip_id: int
    number: int | None
    published_at: datetime | None
    language: str
    slug: str
    updated_at: datetime


class Cited(NamedTuple):
    """A reference, and the tips that cite it, by number."""

    reference: Reference
    tips: tuple[Tip, ...]


def find(session: Session, tip_id: int) -> Tip | None:
    """Return the tip with this id, or None."""
    return session.get(Tip, tip_id)


def by_ids(session: Session, tip_ids: Collection[int], *, titles_alone: bool = False) -> dict[int, Tip]:
    """Return the tips with these ids, by id; whole, or with the titles of their sides alone."""
    found = select(Tip).where(Tip.id.in_(tip_ids)).options(*(TITLES_ALONE if titles_alone else ()))
    return {tip.id: tip for tip in session.scalars(found)}


def find_by_number(session: Session, number: int) -> Tip | None:
    """Return the tip with this number in any state, or None."""
    # A number from an address may be larger than any a database column can hold.
    return session.scalar(select(Tip).where(Tip.number == number)) if 0 < number < 2**31 else None


def picture_until(session: Session, image_id: int) -> date | None:
    """Return the last day on which the picture may be shown with any tip; None where nothing ends it."""
    days = session.scalars(select(Tip.image_rights_until).where(Tip.image_id == image_id)).all()
    ends = [day for day in days if day is not None]
    return max(ends) if ends and len(ends) == len(days) else None


def find_by_slug(session: Session, language: Language, slug: str) -> Tip | None:
    """Return the unnumbered tip whose side has this slug, or None."""
    sides = select(TipSide.tip_id).where(TipSide.language == language, TipSide.slug == slug)
    return session.scalar(select(Tip).where(Tip.id.in_(sides), Tip.number.is_(None)))


def find_by_title(session: Session, language: Language, title: str, *, notice_id: int) -> Tip | None:
    """Return the oldest unnumbered tip of a notice whose side has this title, or None."""
    sides = select(TipSide.tip_id).where(TipSide.language == language, TipSide.title == title)
    same = select(Tip).where(Tip.id.in_(sides), Tip.number.is_(None), Tip.notice_id == notice_id)
    return session.scalar(same.order_by(Tip.id).limit(1))


def published(session: Session, *, notice_id: int | None = None, limit: int | None = None) -> list[Tip]:
    """Return the tips on the web, highest number first and the unnumbered ones newest first."""
    return list(session.scalars(_on_the_web(notice_id).limit(limit)))


def all_tips(session: Session) -> list[Tip]:
    """Return every tip in any state, by number and then by age."""
    return list(session.scalars(select(Tip).order_by(Tip.number.nulls_last(), Tip.id)))


def latest(session: Session, language: Language) -> Tip | None:
    """Return the newest numbered tip on the web that has a side in ``language``, else any numbered one."""
    numbered = _on_the_web(None).where(Tip.number.is_not(None))
    sides = select(TipSide.tip_id).where(TipSide.language == language)
    return session.scalar(numbered.where(Tip.id.in_(sides)).limit(1)) or session.scalar(numbered.limit(1))


def places(session: Session) -> list[Place]:
    """Return where every side on the web stands, for a list of all addresses; newest tip first."""
    sides = (
        select(Tip.id, Tip.number, Tip.published_at, TipSide.language, TipSide.slug, TipSide.updated_at)
        .join(TipSide, TipSide.tip_id == Tip.id)
        .where(Tip.state == "published", Tip.withdrawn_at.is_(None))
        .order_by(Tip.id.desc(), TipSide.language)
    )
    return [Place(*row) for row in session.execute(sides)]


def references_of(tip: Tip) -> list[Reference]:
    """Return the tip's references in the order of their numbers."""
    return [citation.reference for citation in tip.citations]


def cited(session: Session) -> list[Cited]:
    """Return every reference that a tip cites, in the order of their ids."""
    rows = session.execute(
        select(Reference, Tip)
        .join(TipReference, TipReference.reference_id == Reference.id)
        .join(Tip, Tip.id == TipReference.tip_id)
        .order_by(Reference.id, Tip.number.nulls_last(), Tip.id)
    )
    grouped = groupby(rows, lambda row: row[0])
    return [Cited(reference, tuple(row[1] for row in group)) for reference, group in grouped]


def related(session: Session, tip: Tip, limit: int = 3) -> list[Tip]:
    """Return up to ``limit`` published tips for further reading: the editor's choice, else the neighbours."""
    chosen = (
        _on_the_web(None)
        .join(TipRelation, TipRelation.related_tip_id == Tip.id)
        .where(TipRelation.tip_id == tip.id)
        .order_by(None)
        .order_by(TipRelation.position)
        .limit(limit)
    )

    def ask() -> list[Tip]:
        return list(session.scalars(chosen)) or list(neighbours(session, tip))[:limit]

    return list(once(session, ("related", tip.id, limit), ask))


def neighbours(session: Session, tip: Tip) -> Sequence[Tip]:
    """Return the published tips before and after ``tip`` by number, those of them that exist."""
    if tip.number is None:
        return [other for other in published(session, notice_id=tip.notice_id, limit=3) if other.id != tip.id]
    near = _on_the_web(None).order_by(None)
    before = session.scalar(near.where(Tip.number < tip.number).order_by(Tip.number.desc()).limit(1))
    after = session.scalar(near.where(Tip.number > tip.number).order_by(Tip.number).limit(1))
    return [found for found in (before, after) if found is not None]


def highest_number(session: Session, notice_id: int) -> int:
    """Return the highest number of a notice's tips on the web, 0 where there is none."""
    return (
        session.scalar(
            _on_the_web(notice_id).where(Tip.number.is_not(None)).with_only_columns(Tip.number).limit(1)
        )
        or 0
    )


def numbered_ids(session: Session, notice_id: int) -> set[int]:
    """Return the ids of a notice's numbered tips on the web; their texts may be megabytes."""
    numbered = _on_the_web(notice_id).where(Tip.number.is_not(None))
    return set(session.scalars(numbered.with_only_columns(Tip.id)))


def notice_ids_of(session: Session, tip: Tip) -> list[int]:
    """Return the notices into whose streams the tip was sent, in the order of its sending."""
    stands = Publication.tip_id == tip.id, Publication.seq < ARCHIVE
    sent = select(Publication.notice_id).where(*stands).order_by(Publication.id)
    return list(session.scalars(sent))


def _on_the_web(notice_id: int | None) -> Select[Tip]:
    shown = select(Tip).where(Tip.state == "published", Tip.withdrawn_at.is_(None))
    if notice_id is not None:
        shown = shown.where(Tip.notice_id == notice_id)
    return shown.order_by(Tip.number.desc().nulls_last(), Tip.published_at.desc(), Tip.id.desc())
