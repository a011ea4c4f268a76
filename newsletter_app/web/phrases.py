"""The words of the present page's language, with types (Flask-Babel has none); a sentence is a msgid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import flask_babel

from newsletter_app.kernel.languages import Language


def gettext(text: str, **values: object) -> str:
    """Return ``text`` in the language of the page, with its ``%(name)s`` filled."""
    return str(flask_babel.gettext(text, **values))


@contextmanager
def in_language(language: Language) -> Iterator[None]:
    """Let ``gettext`` answer in ``language`` for a while, as for the words of a mail."""
    with flask_babel.force_locale(language):
        yield
