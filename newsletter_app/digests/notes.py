"""Notes: corrections of tips that came before, as a mail tells them; who is told is planned elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.digests.fragments import LANGUAGE_TAGS
from newsletter_app.kernel import words
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language, other
from newsletter_app.mail import contains_mark
from newsletter_app.tips import Correction, Tip


@dataclass(frozen=True, slots=True)
class Note:
    """What was corrected of a tip: its label, the day, what changed and in which language, the tip's page."""

    label: str
    date: str
    text: str
    language_tag: str
    url: str


def notes(
    session: Session,
    correction_ids: Sequence[int],
    *,
    environment: Environment,
    language: Language,
    public_url: str,
    zone: str,
) -> list[Note]:
    """Return the notes of these corrections in reading order.

    Raises Breach ``tip-holds-mark`` when one would be taken for a place to fill in.
    """
    found = []
    for correction_id in correction_ids:
        correction = tips.find_correction(session, correction_id)
        tip = tips.find(session, correction.tip_id) if correction is not None else None
        if correction is not None and tip is not None:
            found.append(_note(correction, tip, environment, language, public_url, zone))
    return found


def _note(
    correction: Correction, tip: Tip, environment: Environment, language: Language, public_url: str, zone: str
) -> Note:
    side = tips.shown_side(tip, language)
    template: Any = environment.get_template("email/digest/words.txt").module
    label: str = template.correction(tip.number, side.title)
    written_in = language if correction.note_in(language) else other(language)
    note = Note(
        label=label,
        date=words.full_date(correction.corrected_at, zone, language),
        text=correction.note(language),
        language_tag=LANGUAGE_TAGS[written_in],
        url=public_url + tips.path(tip, side, language),
    )
    if contains_mark(note.label) or contains_mark(note.text):
        raise Breach("tip-holds-mark", tip=tip.id)
    return note
