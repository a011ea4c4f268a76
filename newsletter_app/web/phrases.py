"""The words of the present page's language, with types (Flask-Babel has none); a sentence is a msgid."""

from __future__ import annotations

import flask_babel


def gettext(text: str, **values: object) -> str:
    """Return ``text`` in the language of the page, with its ``%(name)s`` filled."""
    return str(flask_babel.gettext(text, **values))
