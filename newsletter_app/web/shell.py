"""What stands around every public page: the organisation, the two languages, the size of the text."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, current_app, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app.kernel import words
from newsletter_app.kernel.clock import local_day
from newsletter_app.kernel.languages import other
from newsletter_app.organisation import OrganisationView
from newsletter_app.web.database import forget
from newsletter_app.web.known import know_nothing, known
from newsletter_app.web.language import current_language, take_language
from newsletter_app.web.paths import absolute, addresses, other_side_url, page_url
from newsletter_app.web.ports import ports

TEXT_SIZES: Final = ("normal", "large", "largest")
TEXT_SIZE_COOKIE: Final = "text_size"
# What a query may hold as it is (RFC 3986, 3.4), and the sign of what is quoted already.
QUERY_SIGNS: Final = "%!$&'()*+,;=:@/?"


def install(app: Flask) -> None:
    """Give every template the shell's values and every bilingual rule its language."""
    app.url_value_preprocessor(take_language)
    app.context_processor(shell)
    app.jinja_env.globals.update(page_url=page_url, style_url=style_url, text_sizes=TEXT_SIZES)
    app.jinja_env.filters.update(
        absolute=absolute, phone_digits=phone_digits, with_phone=with_phone, sentence=words.sentence
    )
    # A name that a template expects and a view forgot must not become an empty place on a page.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def shell() -> dict[str, Any]:
    """Return what the layout needs; without a database the page still stands, less the organisation."""
    found, language = organisation(), current_language()
    return {
        "organisation": found,
        "about": found.side(language) if found else None,
        "language": language,
        "other_language": other(language),
        "other_url": other_side_url(),
        "addresses": addresses(),
        "text_size": text_size(),
        "here": here(),
        "is_tryout": ports().settings.is_tryout,
    }


def here() -> str:
    """Return the address of this page on its site, quoted as it was asked: it stands in a form."""
    query = request.query_string.decode("latin-1")
    return quote(request.path) + (f"?{quote(query, safe=QUERY_SIGNS)}" if query else "")


def organisation() -> OrganisationView | None:
    """Return the organisation; None while there is none or no database."""
    try:
        return known().organisation
    except SQLAlchemyError:
        forget()
        know_nothing()
        return None


def time_zone() -> str:
    """Return the name of the zone in which the organisation's times are told."""
    found = organisation()
    return found.time_zone if found else "UTC"


def today() -> date:
    """Return which day it is where the organisation is."""
    return local_day(ports().clock(), time_zone())


def text_size() -> str:
    """Return the size of text the reader chose."""
    chosen = request.cookies.get(TEXT_SIZE_COOKIE, "")
    return chosen if chosen in TEXT_SIZES else TEXT_SIZES[0]


def style_url(name: str) -> str:
    """Return the address of a static file; it changes with the content, so that it can be kept for a year."""
    return url_for("static", filename=name, v=_fingerprint(Path(str(current_app.static_folder)) / name))


def phone_digits(phone: str) -> str:
    """Return a phone number as ``tel:`` wants it (RFC 3966)."""
    return "".join(character for character in phone if character.isdigit() or character == "+")


def with_phone(text: str, phone: str) -> Markup:
    """Return ``text`` with the phone number in it kept on one line and ready to be called."""
    escaped = escape(text)
    if not phone:
        return escaped
    template = Markup('<a class="whole" href="tel:{}">{}</a>')
    return escaped.replace(escape(phone), template.format(phone_digits(phone), phone))


def one_line(text: str) -> str:
    """Return a postal address on one line."""
    return ", ".join(line.strip() for line in text.splitlines() if line.strip())


@lru_cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
