"""What a tip says as it would leave now, as one mark: another as soon as anything of its mail was changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.tips.models import Reference, Tip, TipRelation
from newsletter_app.tips.writing import as_written, is_held_back, written
from newsletter_app.tips.writing.parts import AboutTip, SideText, about, as_facts, text_of

APPROVED = "approved"


@contextmanager
def as_it_would_leave(session: Session, tip: Tip) -> Iterator[Tip]:
    """Show the tip for one block as publishing would make it; the block may not write.

    Of a tip on the web, what was changed and not approved since stays with the desk.
    """
    if _waits(tip):
        yield tip
        return
    with as_written(session, tip):
        yield tip


def languages_of(session: Session, tip: Tip) -> list[Language]:
    """Return the languages in which something is written of the tip, as it would leave now."""
    return [language for language in LANGUAGES if not _side(session, tip, language).is_empty]


def wording_of(session: Session, tip: Tip) -> str:
    """Return 64 hexadecimal digits that stand for everything a reader gets to see of the tip."""
    shared = _about(session, tip)
    sources = select(Reference.id, Reference.text, Reference.url).where(Reference.id.in_(shared.references))
    related = select(TipRelation.related_tip_id).where(TipRelation.tip_id == tip.id)
    facts = {
        "number": tip.number,
        "notice": tip.notice_id,
        "sides": {language: as_facts(_side(session, tip, language)) for language in LANGUAGES},
        "about": as_facts(shared),
        "sources": [list(row) for row in session.execute(sources.order_by(Reference.id))],
        "related": list(session.scalars(related.order_by(TipRelation.position))),
    }
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _waits(tip: Tip) -> bool:
    return is_held_back(tip) and tip.stage != APPROVED


def _side(session: Session, tip: Tip, language: Language) -> SideText:
    if _waits(tip):
        return text_of(tip.side(language))
    content = written(session, tip, language).content
    return content if isinstance(content, SideText) else SideText()


def _about(session: Session, tip: Tip) -> AboutTip:
    if _waits(tip):
        return about(tip)
    content = written(session, tip, "about").content
    return content if isinstance(content, AboutTip) else AboutTip()
