"""What is written becomes what stands on the tip: for good when released, for one block when shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.tips.models import Reference, Tip, TipReference, TipSide
from newsletter_app.tips.reading.slugs import slugify
from newsletter_app.tips.writing.parts import ABOUT, AboutTip, SideText, about, text_of
from newsletter_app.tips.writing.standing import Written, about_written, written

PUBLISHED: Final = "published"
PARTS: Final = (*LANGUAGES, ABOUT)


def is_held_back(tip: Tip) -> bool:
    """Tell whether readers see the tip, so that what is written waits until it is released."""
    return tip.state == PUBLISHED


def release(session: Session, tip: Tip, now: datetime) -> bool:
    """Let the tip be what is written of it; return whether that changed anything."""
    before = [(text_of(tip.side(language))) for language in LANGUAGES], about(tip)
    for language in LANGUAGES:
        put_side(session, tip, written(session, tip, language), now)
    put_about(session, tip, about_written(session, tip))
    session.flush()
    return before != ([(text_of(tip.side(language))) for language in LANGUAGES], about(tip))


def is_waiting(session: Session, tip: Tip) -> bool:
    """Tell whether something is written that readers of the tip do not see yet."""
    if not is_held_back(tip):
        return False
    sides = any(
        text_of(tip.side(language)) != written(session, tip, language).content for language in LANGUAGES
    )
    return sides or about(tip) != about_written(session, tip)


@contextmanager
def as_written(session: Session, tip: Tip) -> Iterator[Tip]:
    """Show the tip as it is written, for one block: whoever looks sees it so, and nothing of it is saved.

    The block must neither flush nor commit; in a transaction that cannot write, it may not anyway.
    """
    if not is_held_back(tip):
        yield tip
        return
    with session.no_autoflush:
        for language in LANGUAGES:
            found = written(session, tip, language)
            put_side(
                session, tip, found, found.saved_at or tip.created_at, slug=tip.side(language) is not None
            )
        put_about(session, tip, about_written(session, tip))
        try:
            yield tip
        finally:
            if any(session.is_modified(row) for row in (tip, *tip.sides, *tip.citations)):
                _put_back(session, tip)


def _put_back(session: Session, tip: Tip) -> None:
    """Let the tip say again what stands in the database."""
    for new in [one for one in session.new if isinstance(one, (TipSide, TipReference))]:
        session.expunge(new)
    for side in tip.sides:
        if inspect(side).persistent:
            session.refresh(side)
    session.refresh(tip)


def put_side(session: Session, tip: Tip, found: Written, now: datetime, *, slug: bool = True) -> None:
    """Let a side say what is written; one that was never written is not begun."""
    language: Language = "fr" if found.part == "fr" else "en"
    text, side = found.content, tip.side(language)
    if not isinstance(text, SideText) or text == text_of(side) or (side is None and text.is_empty):
        return
    if side is None:
        side = TipSide(language=language, revision=0, slug="", updated_at=now)
        tip.sides.append(side)
    side.title, side.lead, side.body = text.title, text.lead, text.body
    side.disclaimer, side.alt = text.disclaimer, text.alt
    side.revision, side.updated_at = found.revision, now
    _name(session, tip, side, language, is_final=slug)


def put_about(session: Session, tip: Tip, shared: AboutTip) -> None:
    """Let the tip have this picture, this credit and these references."""
    tip.image_id, tip.image_decorative = shared.image_id, shared.image_decorative
    tip.image_creator, tip.image_source = shared.image_creator, shared.image_source
    tip.image_source_url, tip.image_licence = shared.image_source_url, shared.image_licence
    until = shared.image_rights_until
    tip.image_rights_until = date.fromisoformat(until) if until else None
    if shared.references == tuple(citation.reference_id for citation in tip.citations):
        return
    rows = {
        row.id: row for row in session.scalars(select(Reference).where(Reference.id.in_(shared.references)))
    }
    held = {citation.position: citation for citation in tip.citations}
    wanted = [rows[one] for one in shared.references if one in rows]
    for position, row in enumerate(wanted, 1):
        if position in held:
            held[position].reference, held[position].reference_id = row, row.id
        else:
            tip.citations.append(TipReference(position=position, reference=row, reference_id=row.id))
    for position in held.keys() - set(range(1, len(wanted) + 1)):
        tip.citations.remove(held[position])


def _name(session: Session, tip: Tip, side: TipSide, language: Language, *, is_final: bool) -> None:
    """An address that was given out is kept; until then it follows the title."""
    if side.slug and tip.published_at is not None:
        return
    wanted = slugify(side.title, language)
    side.slug = free_slug(session, side, language, wanted) if is_final else wanted


def free_slug(session: Session, side: TipSide, language: Language, wanted: str) -> str:
    """Return ``wanted``, or it with the first number behind it that no other side has."""
    others = select(TipSide.slug).where(TipSide.language == language, TipSide.slug.startswith(wanted))
    with session.no_autoflush:
        taken = set(session.scalars(others.where(TipSide.id != side.id) if side.id is not None else others))
    return next(
        slug for slug in [wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))] if slug not in taken
    )
