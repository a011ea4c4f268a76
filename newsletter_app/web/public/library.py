"""All tips as rows, by notice, in pages; and the ways to one tip by its number."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import tips
from newsletter_app.kernel.languages import LANGUAGES, other
from newsletter_app.notices import NoticeView
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.known import known
from newsletter_app.web.language import current_language, preferred, use_language
from newsletter_app.web.paths import absolute, bilingual, page_url
from newsletter_app.web.public import searching
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import Card, rows, tip_url
from newsletter_app.web.public.feeds import feeds_of
from newsletter_app.web.public.paging import leaf

NEWEST: Final = 5
ON_A_SHELF: Final = 20


class Shelf(NamedTuple):
    """The newest tips of a notice, and where all of them stand if these are not all."""

    name: str
    rows: list[Card]
    total: int
    more_url: str


@bilingual(blueprint, "library")
def library() -> ResponseReturnValue:
    """Show the newest tips of each notice, all of one, or what holds the words that were typed."""
    if "number" in request.args:
        return by_number(number_in(request.args["number"]))
    if "q" in request.args:
        asked = searching.typed()
        found = tips.find_by_number(session(), number_in(asked)) if asked else None
        return by_number(number_in(asked)) if found and is_public(found) else searching.results(asked)
    if "notice" in request.args:
        return _whole_shelf(request.args["notice"])
    shelves = [shelf for notice in known().offered if (shelf := _shelf(notice)).rows]
    topics = tips.topics_shown(session(), current_language())
    feeds = feeds_of() if shelves else []
    return render_template("public/library.html", shelves=shelves, topics=topics, feeds=feeds)


@bilingual(blueprint, "short")
def short(number: int) -> ResponseReturnValue:
    """Go from the short address printed on paper to the tip."""
    return by_number(number)


def not_found() -> ResponseReturnValue:
    """Show that there is no such tip, with the search by number and the newest ones."""
    newest = rows(tips.listed(session(), current_language(), limit=NEWEST))
    # What is not there has no place of its own that a search engine could keep.
    return render_template("public/tip_not_found.html", newest=newest, addresses={}), 404


def is_public(tip: Tip) -> bool:
    """Tell whether a tip was ever put on the web; a withdrawn one keeps its address."""
    return bool(tip.published_at is not None and tip.sides)


def by_number(number: int) -> ResponseReturnValue:
    """Go to the tip with this number."""
    tip = tips.find_by_number(session(), number)
    if tip is None or not is_public(tip):
        return not_found()
    language = current_language()
    # "/24" is printed on paper for everybody: a browser that asks for French gets it.
    if language == "en" and (tip.side("en") is None or (preferred() == "fr" and tip.side("fr") is not None)):
        language = other(language) if preferred() == "fr" else language
    use_language(language)
    return redirect(tip_url(tip, tips.shown_side(tip, language)), 302)


def number_in(text: str) -> int:
    """Return the number that is meant by "24", "#24", "tip 24" or « conseil 24 »; 0 for anything else."""
    digits = text.strip().casefold().removeprefix("tip").removeprefix("conseil").strip(" #\u00a0")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def _shelf(notice: NoticeView) -> Shelf:
    language = current_language()
    found = rows(tips.listed(session(), language, notice_id=notice.id, limit=ON_A_SHELF))
    total = tips.count_listed(session(), notice_id=notice.id) if len(found) == ON_A_SHELF else len(found)
    more = page_url("library", notice=notice.key) if total > len(found) else ""
    return Shelf(notice.side(language).name, found, total, more)


def _whole_shelf(key: str) -> ResponseReturnValue:
    notice = next((one for one in known().offered if one.key == key), None)
    if notice is None:
        abort(404)
    language = current_language()
    page = leaf(tips.count_listed(session(), notice_id=notice.id))
    found = tips.listed(session(), language, notice_id=notice.id, limit=page.size, offset=page.offset)
    given: dict[str, Any] = {"notice": key} | ({"page": page.number} if page.before else {})
    return render_template(
        "public/shelf.html",
        heading=notice.side(language).name,
        rows=rows(found),
        leaf=page,
        leaf_url=lambda number: page_url("library", notice=key, page=number),
        addresses={one: absolute(page_url("library", one, **given)) for one in LANGUAGES},
        other_url=page_url("library", other(language), **given),
        feeds=feeds_of(notice.id),
    )
