"""Saving what was read: one side of a tip with its references and image; refuses what would mix two tips."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import as_language
from newsletter_app.media import Image
from newsletter_app.notices import Notice
from newsletter_app.tips.library import reference_for
from newsletter_app.tips.models import Reference, Tip, TipReference, TipRelation, TipSide
from newsletter_app.tips.queries import find_by_number
from newsletter_app.tips.reading import TipDraft
from newsletter_app.tips.reading.slugs import slugify
from newsletter_app.tips.standing import put_up
from newsletter_app.tips.topics import give_topics
from newsletter_app.tips.writing.parts import ABOUT, about, text_of
from newsletter_app.tips.writing.releasing import free_slug
from newsletter_app.tips.writing.saving import note_imported


class Saved(NamedTuple):
    """The tip, its side, whether they were new, and what became of the file's disclaimer.

    It is the tip's ``own``, the notice's locked one (``locked``: the file has the same or none), or was
    left out because the notice has another (``replaced``).
    """

    tip: Tip
    side: TipSide
    tip_is_new: bool
    side_is_new: bool
    disclaimer: Literal["own", "locked", "replaced"]


def save_draft(
    session: Session,
    draft: TipDraft,
    *,
    notice: Notice,
    now: datetime,
    image: Image | None = None,
    into: Tip | None = None,
    all_sides: bool = False,
) -> Saved:
    """Save one side. A numbered tip is found by its number; ``into`` names the tip of an unnumbered side.

    ``all_sides`` says that every side is being saved now, so that the number of references may change.
    Raises Breach when the number belongs to another notice, is missing where the notice
    numbers its tips, when the two sides would not have the same number of references, or when
    a topic is unknown.
    """
    if notice.numbered and draft.number is None:
        raise Breach("tip-number-missing", title=draft.title)
    tip = into or (find_by_number(session, draft.number) if draft.number is not None else None)
    tip_is_new = tip is None
    if tip is None:
        tip = Tip(number=draft.number, notice_id=notice.id, created_at=now)
        session.add(tip)
    elif tip.notice_id != notice.id:
        raise Breach("tip-number-in-other-notice", number=draft.number)
    _save_references(session, tip, draft, all_sides)
    _save_picture(tip, draft, image)
    locked = notice.side(as_language(draft.language)).disclaimer
    side, side_is_new = _save_side(session, tip, draft, locked, now)
    session.flush()
    side.revision = note_imported(session, tip, as_language(draft.language), text_of(side), now)
    note_imported(session, tip, ABOUT, about(tip), now)
    _ask_again(session, tip)
    session.flush()
    if draft.topics is not None:
        give_topics(session, tip, draft.topics)
    put_up(session, tip, now)
    return Saved(tip, side, tip_is_new, side_is_new, _compare(locked, draft.disclaimer))


def relate(session: Session, tip: Tip, others: Sequence[Tip]) -> None:
    """Put ``others`` under the tip's "Food for thought…", in this order."""
    for old in session.scalars(select(TipRelation).where(TipRelation.tip_id == tip.id)):
        session.delete(old)
    session.flush()
    for position, other in enumerate(dict.fromkeys(others), 1):
        session.add(TipRelation(tip_id=tip.id, position=position, related_tip_id=other.id))
    session.flush()


def _compare(locked: str, given: str) -> Literal["own", "locked", "replaced"]:
    if not locked:
        return "own"
    # Lines are broken anew by every program, and French no-break spaces get lost in pasting.
    return "locked" if given.split() in ([], locked.split()) else "replaced"


def _save_side(
    session: Session, tip: Tip, draft: TipDraft, locked: str, now: datetime
) -> tuple[TipSide, bool]:
    language = as_language(draft.language)
    side = tip.side(language)
    is_new = side is None
    if side is None:
        side = TipSide(language=language, revision=0, slug="", updated_at=now)
        tip.sides.append(side)
    side.title, side.lead, side.body = draft.title, draft.lead, draft.body
    side.disclaimer, side.alt = locked or draft.disclaimer, draft.image.alt if draft.image else ""
    # An address that was given out is kept, whatever the title becomes.
    side.slug = side.slug or free_slug(session, side, language, slugify(draft.slug or draft.title, language))
    side.updated_at = now
    return side, is_new


def _ask_again(session: Session, tip: Tip) -> None:
    """What was approved is not what a file brought, where another person must approve it."""
    if not organisation.writer_may_approve(session):
        tip.stage = "draft"


def _save_picture(tip: Tip, draft: TipDraft, image: Image | None) -> None:
    if image is not None:
        tip.image_id = image.id
    # Who made a picture does not depend on the language: the tip's first side says it, and may correct it.
    if draft.image is not None and (_is_first_side(tip, draft) or not tip.image_creator):
        tip.image_decorative = draft.image.decorative
        tip.image_creator, tip.image_source = draft.image.creator, draft.image.source
        tip.image_source_url, tip.image_licence = draft.image.source_url, draft.image.licence
        if draft.image.rights_until or _is_first_side(tip, draft):
            tip.image_rights_until = _day(draft.image.rights_until)
    tip.reviewed_by = draft.reviewed_by or tip.reviewed_by or ""
    tip.reviewed_on = _day(draft.reviewed_on) or tip.reviewed_on
    tip.review_due = _day(draft.review_due) or tip.review_due


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _is_first_side(tip: Tip, draft: TipDraft) -> bool:
    written = [side for side in tip.sides if side.id is not None]
    return not written or min(written, key=lambda side: side.id).language == draft.language


def _save_references(session: Session, tip: Tip, draft: TipDraft, all_sides: bool) -> None:
    others = [side for side in tip.sides if side.language != draft.language]
    if others and len(tip.citations) != len(draft.references) and not all_sides:
        raise Breach(
            "references-differ", number=draft.number, here=len(draft.references), there=len(tip.citations)
        )
    if not _is_first_side(tip, draft):
        return
    tip.citations.clear()
    session.flush()
    cited: list[Reference] = []
    for position, reference in enumerate(draft.references, 1):
        cited.append(reference_for(session, reference, cited))
        tip.citations.append(TipReference(position=position, reference=cited[-1]))
