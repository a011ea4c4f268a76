"""Notices as values: what pages say of them, whole and bound to no session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.notices.models import Notice, NoticeSide


class Words(NamedTuple):
    """What a notice is called in one language."""

    name: str
    sentence: str
    how_often: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as it stood when it was read; equal to another reading that found the same."""

    id: int
    key: str
    numbered: bool
    needs_disclaimer: bool
    offered: bool
    offers_series: bool
    sides: tuple[tuple[Language, Words], ...]

    def side(self, language: Language) -> Words:
        """Return the words of this notice in ``language``; every notice has both."""
        return next(words for written_in, words in self.sides if written_in == language)


def views(session: Session) -> tuple[NoticeView, ...]:
    """Return every notice as a value, retired ones too, in their order."""
    found = session.scalars(select(Notice).order_by(Notice.position, Notice.id))
    return tuple(_view_of(row) for row in found)


def _view_of(row: Notice) -> NoticeView:
    sides = tuple((as_language(side.language), _words_of(side)) for side in row.sides)
    return NoticeView(
        row.id, row.key, row.numbered, row.needs_disclaimer, row.offered, row.offers_series, sides
    )


def _words_of(side: NoticeSide) -> Words:
    return Words(side.name, side.sentence, side.how_often)
