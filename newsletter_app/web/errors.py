"""Error pages: in the page's language, never a dead end, with an id in place of a trace (S27, S28)."""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import Final

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from newsletter_app.web.database import forget

log = logging.getLogger("newsletter_app.web")
SHOWN: Final = frozenset({400, 403, 404, 405, 413, 429, 500, 503})


class IncompleteLink(Exception):
    """The token in the address is cut, unknown, or made for another page."""


class NothingHeld(Exception):
    """The link was ours, but nobody is behind it any more."""


def install(app: Flask) -> None:
    """Answer every error of ``app`` with a page."""
    app.register_error_handler(IncompleteLink, _incomplete)
    app.register_error_handler(NothingHeld, _nothing_held)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


def note_trouble(error: BaseException) -> str:
    """Log where ``error`` came from and return its id.

    Neither its message nor the path is logged: statements carry addresses, paths carry tokens.
    """
    g.trouble_id = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("trouble %s %s at %s: %s", g.trouble_id, request.endpoint, type(error).__name__, places)
    return str(g.trouble_id)


def error_page(code: int, trouble_id: str = "") -> str:
    """Return the page for ``code``."""
    shown = code if code in SHOWN else 500 if code >= 500 else 400
    return render_template("errors/error.html", code=shown, trouble_id=trouble_id)


def _incomplete(_error: Exception) -> ResponseReturnValue:
    return render_template("errors/incomplete_link.html"), 404


def _nothing_held(_error: Exception) -> ResponseReturnValue:
    return render_template("errors/nothing_held.html"), 410


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or 500
    if code < 400:
        return error
    trouble_id = ""
    if code >= 500:
        forget()
        trouble_id = note_trouble(error)
    # Only these two say something of the request; the rest of werkzeug's headers describe its own page.
    told = {name: text for name, text in error.get_headers() if name in ("Allow", "Retry-After")}
    return error_page(code, trouble_id), code, told


def _crash(error: Exception) -> ResponseReturnValue:
    forget()
    return error_page(500, note_trouble(error)), 500
