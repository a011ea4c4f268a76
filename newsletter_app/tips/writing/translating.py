"""Which paragraphs of the other side have changed since a side was last said to say the same."""

from __future__ import annotations

from typing import NamedTuple, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import LANGUAGES, Language, other
from newsletter_app.tips.models import Tip
from newsletter_app.tips.writing.comparing import Paragraph, compare
from newsletter_app.tips.writing.models import TipRevision
from newsletter_app.tips.writing.parts import SideText, of_facts
from newsletter_app.tips.writing.standing import side_written, written

# Both sides have these; what is compared is read in this order.
READ = ("title", "lead", "body", "disclaimer", "alt")


class Changed(NamedTuple):
    """A field of the other side, and its paragraphs with what changed in them."""

    field: str
    paragraphs: tuple[Paragraph, ...]


def changed_since(session: Session, tip: Tip, language: Language) -> tuple[Changed, ...] | None:
    """Return what changed on the other side since the one in ``language`` was last said to say the same.

    None where nobody ever said so, for then nothing is known; empty where nothing changed.
    """
    its_other = other(language)
    follows = written(session, tip, language).follows
    before = _text_at(session, tip, its_other, follows) if follows is not None else None
    if before is None:
        return None
    after = side_written(session, tip, its_other)
    both = ((name, getattr(before, name), getattr(after, name)) for name in READ)
    return tuple(Changed(name, compare(older, newer)) for name, older, newer in both if older != newer)


def is_behind(session: Session, tip: Tip) -> dict[Language, bool]:
    """Return, of each side of which it is known, whether the other one changed since."""
    found = {language: changed_since(session, tip, language) for language in LANGUAGES}
    return {language: bool(changed) for language, changed in found.items() if changed is not None}


def _text_at(session: Session, tip: Tip, language: Language, revision: int) -> SideText | None:
    found = written(session, tip, language)
    if found.revision == revision:
        return cast(SideText, found.content)
    row = session.scalar(
        select(TipRevision).where(
            TipRevision.tip_id == tip.id,
            TipRevision.part == language,
            TipRevision.revision == revision,
            TipRevision.is_aside.is_(False),
        )
    )
    return cast(SideText, of_facts(language, row.content)) if row is not None else None
