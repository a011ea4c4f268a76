"""Beginning a tip, and its references: found in the library, added, taken out where nothing cites them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from newsletter_app import audit
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.notices import Notice
from newsletter_app.tips.library import reference_for
from newsletter_app.tips.models import Reference, Tip
from newsletter_app.tips.numbering import CITATION, renumber
from newsletter_app.tips.queries import find_by_number
from newsletter_app.tips.reading import parse_reference, pasted_references, without_controls
from newsletter_app.tips.writing.parts import ABOUT
from newsletter_app.tips.writing.saving import Outcome, write
from newsletter_app.tips.writing.standing import about_written, side_written, written

LONGEST_REFERENCE: Final = 2_000
MOST_REFERENCES: Final = 100
FOUND: Final = 8
LARGEST_NUMBER: Final = 99_999


def begin(session: Session, notice: Notice, number: int | None, *, by: str, now: datetime) -> Tip:
    """Return a new tip without words. Raises Breach ``tip-number-taken``, ``tip-number-missing``."""
    if notice.numbered and (number is None or not 0 < number <= LARGEST_NUMBER):
        raise Breach("tip-number-missing", title="")
    number = number if notice.numbered else None
    if number is not None and find_by_number(session, number) is not None:
        raise Breach("tip-number-taken", number=number)
    tip = Tip(number=number, notice_id=notice.id, created_at=now)
    session.add(tip)
    session.flush()
    audit.note(session, actor=by, action="tip.begun", subject=f"tip:{tip.id}", now=now)
    return tip


def next_number(session: Session) -> int:
    """Return the number behind the highest one."""
    return (session.scalar(select(func.max(Tip.number))) or 0) + 1


def add_references(session: Session, tip: Tip, text: str, *, by: str, now: datetime) -> Outcome:
    """Put what was copied behind the tip's references: the library's row for each source, or a new one.

    Of a list, what is there already is left out. Raises Breach ``reference-length``, ``references-many``,
    ``reference-there`` with its ``number`` where nothing else was copied.
    """
    texts = [" ".join(one.split()) for one in pasted_references(without_controls(text))]
    if not texts or not all(0 < len(one) <= LONGEST_REFERENCE for one in texts):
        raise Breach("reference-length", limit=LONGEST_REFERENCE)
    if len(texts) > MOST_REFERENCES:
        raise Breach("references-many", limit=MOST_REFERENCES)
    ids = []
    for one in texts:
        row = reference_for(session, parse_reference(one), ())
        session.add(row)
        session.flush()
        ids.append(row.id)
    return _put_behind(session, tip, ids, by=by, now=now)


def cite(session: Session, tip: Tip, reference_id: int, *, by: str, now: datetime) -> Outcome:
    """Put a source of the library behind the tip's references.

    Raises Breach ``reference-unknown``, ``reference-there`` with its ``number``.
    """
    row = session.get(Reference, reference_id) if reference_id < 2**31 else None
    if row is None:
        raise Breach("reference-unknown")
    return _put_behind(session, tip, [row.id], by=by, now=now)


def _put_behind(session: Session, tip: Tip, ids: list[int], *, by: str, now: datetime) -> Outcome:
    found, shared = written(session, tip, ABOUT), about_written(session, tip)
    fresh = [one for one in dict.fromkeys(ids) if one not in shared.references]
    if not fresh:
        raise Breach("reference-there", number=shared.references.index(ids[0]) + 1)
    wider = replace(shared, references=(*shared.references, *fresh))
    return write(session, tip, ABOUT, wider, base=found.revision, by=by, now=now)


def take_out(session: Session, tip: Tip, number: int, *, by: str, now: datetime) -> Outcome:
    """Take the reference of this number out, and let the marks of those behind it follow.

    Raises Breach ``reference-unknown``, and ``reference-cited`` while a mark of either side cites it.
    """
    shared, found = about_written(session, tip), written(session, tip, ABOUT)
    if not 0 < number <= len(shared.references):
        raise Breach("reference-unknown")
    if number in cited_numbers(session, tip):
        raise Breach("reference-cited", number=number)
    left = tuple(one for place, one in enumerate(shared.references, 1) if place != number)
    numbers = {old: old - 1 for old in range(number + 1, len(shared.references) + 1)}
    for language in LANGUAGES:
        side = written(session, tip, language)
        text = side_written(session, tip, language)
        moved = replace(text, lead=renumber(text.lead, numbers), body=renumber(text.body, numbers))
        write(session, tip, language, moved, base=side.revision, by=by, now=now)
    return write(session, tip, ABOUT, replace(shared, references=left), base=found.revision, by=by, now=now)


def cited_numbers(session: Session, tip: Tip) -> frozenset[int]:
    """Return the numbers that the marks of either side cite."""
    texts = (side_written(session, tip, language) for language in LANGUAGES)
    return frozenset(
        int(mark[1]) for text in texts for mark in CITATION.finditer(f"{text.lead}\n{text.body}")
    )


def references_written(session: Session, tip: Tip) -> list[Reference]:
    """Return the references of the tip as it is written, in the order of their numbers."""
    ids = about_written(session, tip).references
    rows = {row.id: row for row in session.scalars(select(Reference).where(Reference.id.in_(ids)))}
    return [rows[one] for one in ids if one in rows]


def find_references(session: Session, asked: str) -> Sequence[Reference]:
    """Return up to eight sources of the library that hold every word of ``asked``, the newest first."""
    words = re.findall(r"\S+", without_controls(asked))[:8]
    if not words:
        return ()
    looked_at = (Reference.text, Reference.doi, Reference.url)
    every = [or_(*(column.icontains(word, autoescape=True) for column in looked_at)) for word in words]
    return session.scalars(select(Reference).where(*every).order_by(Reference.id.desc()).limit(FOUND)).all()
