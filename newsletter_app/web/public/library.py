"""All tips as rows, by notice, and the ways to one tip by its number."""

from __future__ import annotations

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import tips
from newsletter_app.kernel.languages import other
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.known import known
from newsletter_app.web.language import current_language, preferred, use_language
from newsletter_app.web.paths import bilingual
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import cards, tip_url
from newsletter_app.web.public.feeds import feeds_of

NEWEST = 5


@bilingual(blueprint, "library")
def library() -> ResponseReturnValue:
    """Show every published tip, newest first, or go to the one whose number was typed."""
    if "number" in request.args:
        return _by_number(_number(request.args["number"]))
    language = current_language()
    shelves = [
        (notice.side(language).name, cards(tips.published(session(), notice_id=notice.id)))
        for notice in known().offered
    ]
    shown = [shelf for shelf in shelves if shelf[1]]
    return render_template("public/library.html", shelves=shown, feeds=feeds_of() if shown else [])


@bilingual(blueprint, "short")
def short(number: int) -> ResponseReturnValue:
    """Go from the short address printed on paper to the tip."""
    return _by_number(number)


def not_found() -> ResponseReturnValue:
    """Show that there is no such tip, with the search by number and the newest ones."""
    newest = cards(tips.published(session(), limit=NEWEST))
    return render_template("public/tip_not_found.html", newest=newest), 404


def is_public(tip: Tip) -> bool:
    """Tell whether a tip was ever put on the web; a withdrawn one keeps its address."""
    return bool(tip.published_at is not None and tip.sides)


def _by_number(number: int) -> ResponseReturnValue:
    tip = tips.find_by_number(session(), number)
    if tip is None or not is_public(tip):
        return not_found()
    language = current_language()
    # "/24" is printed on paper for everybody: a browser that asks for French gets it.
    if language == "en" and (tip.side("en") is None or (preferred() == "fr" and tip.side("fr") is not None)):
        language = other(language) if preferred() == "fr" else language
    use_language(language)
    return redirect(tip_url(tip, tips.shown_side(tip, language)), 302)


def _number(text: str) -> int:
    digits = text.strip().lstrip("#").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
