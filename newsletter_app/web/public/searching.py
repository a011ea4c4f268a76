"""What holds the words that a reader typed: a list with its count, or help where nothing does."""

from __future__ import annotations

from typing import Final

from flask import render_template, request

from newsletter_app import tips
from newsletter_app.kernel.languages import other
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import page_url
from newsletter_app.web.public.cards import rows
from newsletter_app.web.public.paging import leaf

PER_PAGE: Final = 20
NEWEST: Final = 5


def typed() -> str:
    """Return the words as they were typed, with a space for each sign that nobody sees (NUL)."""
    seen = "".join(sign if sign.isprintable() else " " for sign in request.args["q"])
    return " ".join(seen.split())[: tips.LONGEST_QUESTION]


def results(asked: str) -> str:
    """Show the tips that hold every word of ``asked``; the field keeps what was typed."""
    language = current_language()
    sides = tips.search(session(), language, asked)
    page = leaf(len(sides), PER_PAGE)
    shown = sides[page.offset : page.offset + page.size]
    return render_template(
        "public/search.html",
        asked=asked,
        leaf=page,
        leaf_url=lambda number: page_url("library", q=asked, page=number),
        rows=rows(tips.listed_sides(session(), shown)),
        topics=[] if sides else tips.topics_shown(session(), language),
        newest=[] if sides else rows(tips.listed(session(), language, limit=NEWEST)),
        other_url=page_url("library", other(language), q=asked),
        addresses={},
    )
