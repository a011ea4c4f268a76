"""Answers that need not be sent again: what a page is made of is compared before anything is rendered.

A tag stands for all that the page shows: the tips, the organisation and its notices, the product's own
files and address, the day, the reader's text size. Whoever has it is told 304 for one small question to the
database.
Pages behind a signed link, forms and errors have no tag.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app import tips
from newsletter_app.web.database import forget, session
from newsletter_app.web.known import known
from newsletter_app.web.ports import ports
from newsletter_app.web.shell import text_size, time_zone

# Asked about each time, since a correction must be seen at once; they differ by the reader's text size.
PAGES: Final = frozenset(f"public.{name}" for name in ("home", "library", "topic", "tip", "print", "privacy"))
# What programs fetch; nobody waits for these.
PROGRAMS: Final = frozenset(f"public.{name}" for name in ("atom_feed", "json_feed", "sitemap"))
KEPT_S: Final = 600
# A page may hold a sign-up form, whose token lives for a day: a page that was kept is younger than that.
FORM_S: Final = 6 * 3600


def install(app: Flask) -> None:
    """Answer with 304 before, and put the tag on after, every view that can be asked about."""
    app.before_request(answer_unchanged)
    app.after_request(put_tag)


def answer_unchanged() -> Response | None:
    """Return 304 where the asker holds what would be sent (RFC 9110 13.1.2); nothing is rendered for it."""
    if request.method not in ("GET", "HEAD") or request.endpoint not in PAGES | PROGRAMS:
        return None
    try:
        g.tag = _tag()
    except SQLAlchemyError:
        # A page that can do without its database still stands; it is only not kept.
        forget()
        return None
    # ``*`` asks whether there is such a page at all, which only the view knows.
    known_tags = request.if_none_match
    return Response(status=304) if not known_tags.star_tag and known_tags.contains_weak(g.tag) else None


def put_tag(response: Response) -> Response:
    """Say how an answer may be kept and asked about again."""
    if "tag" not in g or response.status_code not in (200, 304):
        return response
    # Two renderings differ in a form's token, which changes nothing for the reader: a weak tag.
    response.set_etag(g.tag, weak=True)
    if request.endpoint in PROGRAMS:
        response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    else:
        response.headers["Cache-Control"] = "no-cache"
        response.vary.add("Cookie")
    return response


def _tag() -> str:
    is_page = request.endpoint in PAGES
    facts = (
        request.full_path,
        tips.standing(session()),
        known(),
        _build(),
        ports().settings.is_tryout,
        ports().settings.public_url,
        # What is told may depend on the day it is where the organisation is.
        ports().clock().astimezone(ZoneInfo(time_zone())).date(),
        (text_size(), int(ports().clock().timestamp()) // FORM_S) if is_page else None,
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


@lru_cache
def _build() -> str:
    """Return what changes with every newer version of the product's own files."""
    product = Path(current_app.root_path)
    folders = (product, Path(str(current_app.template_folder)))
    files = (file for folder in folders for file in folder.rglob("*") if file.suffix in _SUFFIXES)
    stats = sorted((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    return hashlib.sha256(repr(stats).encode()).hexdigest()


_SUFFIXES: Final = frozenset({".py", ".html", ".mo", ".css", ".js", ".svg"})
