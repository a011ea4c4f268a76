"""The words of the present page's language, with types (Flask-Babel has none); a sentence is a msgid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import flask_babel

from newsletter_app.kernel.languages import Language


def gettext(text: str, **values: object) -> str:
    """Return ``text`` in the language of the page, with its ``%(name)s`` filled."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int) -> str:
    """Return the words for ``num`` of something, with its ``%(num)d`` filled."""
    return str(flask_babel.ngettext(one, many, num))


@contextmanager
def in_language(language: Language) -> Iterator[None]:
    """Let ``gettext`` answer in ``language`` for a while, as for the words of a mail."""
    with flask_babel.force_locale(language):
        yield
