"""What an address of these pages names: a tip, a side, a part, a page of a list.

A tip, a side or a part that is none is no page (404).
"""

from __future__ import annotations

from typing import Final

from flask import abort, request

from newsletter_app import tips
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.tips import Tip, writing
from newsletter_app.web.database import session

MOST_PAGES: Final = 10_000


def page_asked() -> int:
    """Return which page of a list is asked for; the first one for anything that is none."""
    page = request.args.get("page", 1, type=int)
    return page if 0 < page < MOST_PAGES else 1


def tip_of(tip_id: int) -> Tip:
    """Return the tip of this id."""
    tip = tips.find(session(), tip_id) if tip_id < 2**31 else None
    return tip if tip is not None else abort(404)


def side_of(text: object) -> Language:
    """Return the language that an address names."""
    return as_language(str(text)) if text in LANGUAGES else abort(404)


def part_of(text: object) -> writing.Part:
    """Return the part that an address names."""
    return writing.ABOUT if text == writing.ABOUT else side_of(text)
