"""A plugin that keeps all HTML which the tests see, for checkers that are not ours (scripts/markup).

    MARKUP_FOLDER=… pytest -p tests.markup tests/web tests/digests tests/service_mail

Each page and mail is kept once, whatever its tokens and numbers; a mail with the marks of its slots.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, request, request_finished

from newsletter_app.mail import inline

FOLDER = Path(os.environ["MARKUP_FOLDER"])
VARYING = re.compile(r"[A-Za-z0-9_-]{20,}|\d+")

_inliner = inline._INLINER


def keep(name: str, html: str) -> None:
    """Write a document down, unless one like it is there."""
    likeness = sha256(VARYING.sub("", html).encode()).hexdigest()[:12]
    (FOLDER / f"{name}-{likeness}.html").write_text(html, encoding="utf-8")


def keep_page(_app: object, response: Response, **_more: Any) -> None:
    """Keep a page that was answered."""
    # A redirect's page is Werkzeug's and never seen; a mail in its frame is kept as it leaves already.
    is_ours = response.mimetype == "text/html" and request.endpoint != "public.outbox_html"
    if not is_ours or 300 <= response.status_code < 400 or response.direct_passthrough:
        return
    # An answer without a body (to HEAD, or where nothing changed) is no document.
    if response.get_data():
        endpoint = re.sub(r"\W", "-", request.endpoint or "none")
        keep(f"page-{endpoint}", response.get_data(as_text=True))


class Inliner:
    """What moves the style rules of a mail, and keeps what comes of it."""

    def inline(self, html: str) -> str:
        """Keep a mail's HTML as it leaves."""
        inlined = _inliner.inline(html)
        keep("mail", inline.with_charset_first(inlined))
        return inlined


request_finished.connect(keep_page)
inline._INLINER = Inliner()
