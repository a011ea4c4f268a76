"""The language of a page: in its path, or the reader's own on pages reached by a signed link."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context, request
from flask_babel import refresh

from newsletter_app.kernel.languages import LANGUAGES, Language, as_language

FRENCH_PREFIX = "/fr/"


def current_language() -> Language:
    """Return the language in which the present page is written."""
    if not has_request_context():
        return "en"
    chosen: Language | None = g.get("language")
    return chosen or _from_request()


def use_language(language: Language) -> None:
    """Write the present page in ``language``, whatever its path says."""
    g.language = language
    refresh()


def use_readers_language(language: str) -> None:
    """Write a page reached by a signed link in the reader's language, unless ``?lang=`` says otherwise."""
    use_language(as_language(request.args.get("lang"), as_language(language)))


def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the language that a bilingual rule matched, so that views need no argument for it."""
    if values and "language" in values:
        g.language = values.pop("language")


def preferred() -> Language:
    """Return the language the browser asks for; English when it says neither."""
    return as_language(request.accept_languages.best_match(LANGUAGES))


def _from_request() -> Language:
    if (request.path + "/").startswith(FRENCH_PREFIX):
        return "fr"
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return as_language(asked)
    by_link = request.url_rule is not None and "token" in request.url_rule.arguments
    return preferred() if by_link else "en"
