"""One tip as a page and for paper: its side in the reader's language, else the other one, else why not."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote, urlsplit

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import tips
from newsletter_app.kernel import words
from newsletter_app.kernel.languages import as_language, other
from newsletter_app.tips import Tip, TipSide
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import absolute, bilingual, page_url
from newsletter_app.web.public import library, signup_form
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import name_of, tip_url, title
from newsletter_app.web.public.describing import describe
from newsletter_app.web.public.feeds import feeds_of
from newsletter_app.web.public.tip_parts import tip_page, told_since
from newsletter_app.web.shell import time_zone

_NAME = re.compile(r"(\d{1,9})(?:-.*)?", re.ASCII)


@bilingual(blueprint, "tip")
def tip(name: str) -> ResponseReturnValue:
    """Show a tip; another spelling of its address leads to the right one."""
    found = _find(name)
    if found is None or not library.is_public(found):
        return library.not_found()
    side = tips.shown_side(found, current_language())
    if name != name_of(found, side):
        return redirect(tip_url(found, side), 301)
    if found.withdrawn_at is not None:
        return _withdrawn(found, found.withdrawn_at)
    return rendered(found, side)


def rendered(found: Tip, side: TipSide) -> str:
    """Return the page of ``side`` in the present language; also for a look at a tip that is not there yet."""
    form = signup_form.page(signup_form.offered(found.notice_id)) if signup_form.is_open() else None
    return render_template(
        "public/tip.html",
        tip=tip_page(found, side, current_language()),
        form=form,
        thanked="thanks" in request.args,
        other_url=_other_url(found),
        short_address=_short_address(found),
        short_url=absolute(_short_path(found, side)),
        share_url=_share_url(found, side),
        print_url=page_url("print", name=name_of(found, side)),
        description=describe(found, side),
        feeds=feeds_of(found.notice_id),
    )


@bilingual(blueprint, "print")
def print_view(name: str) -> ResponseReturnValue:
    """Show a tip in large print and without what paper cannot do."""
    found = _find(name)
    if found is None or found.published_at is None or found.withdrawn_at is not None:
        return library.not_found()
    side = tips.shown_side(found, current_language())
    if name != name_of(found, side):
        return redirect(page_url("print", name=name_of(found, side)), 301)
    own = as_language(side.language)
    return render_template(
        "public/tip_print.html",
        tip=tip_page(found, side, current_language()),
        tip_url=tip_url(found, side),
        canonical=absolute(tip_url(found, side, own)),
        other_url=page_url(
            "print",
            other(current_language()),
            name=name_of(found, tips.shown_side(found, other(current_language()))),
        ),
        short_address=_short_address(found),
    )


def _withdrawn(found: Tip, at: datetime) -> ResponseReturnValue:
    since = words.full_date(at, time_zone(), current_language())
    reasons = told_since(found, at, current_language())
    gone = {"tip": found, "since": since, "reasons": reasons, "other_url": _other_url(found)}
    return render_template("public/tip_withdrawn.html", **gone), 410


def _find(name: str) -> Tip | None:
    numbered = _NAME.fullmatch(name)
    if numbered:
        return tips.find_by_number(session(), int(numbered[1]))
    language = current_language()
    return tips.find_by_slug(session(), language, name) or tips.find_by_slug(session(), other(language), name)


def _other_url(found: Tip) -> str:
    language = other(current_language())
    return tip_url(found, tips.shown_side(found, language), language)


def _short_address(found: Tip) -> str:
    """Return what is short enough to be printed and typed: ``tips.example.ca/24``."""
    if found.number is None:
        return ""
    host = urlsplit(absolute("")).netloc
    return host + page_url("short", number=found.number)


def _short_path(found: Tip, side: TipSide) -> str:
    return page_url("short", number=found.number) if found.number is not None else tip_url(found, side)


def _share_url(found: Tip, side: TipSide) -> str:
    """Return what opens a mail to a friend, with the tip's address in it (RFC 6068)."""
    return f"mailto:?subject={quote(title(found, side))}&body={quote(absolute(_short_path(found, side)))}"
