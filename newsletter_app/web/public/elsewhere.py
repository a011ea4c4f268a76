"""The words that a form on another site showed, signed by us: they come back with it, however old it is (L1).

They keep no state here: whoever pastes the form carries them, and nobody can change them on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer

from newsletter_app.web.ports import ports

FIELD: Final = "elsewhere"
SALT: Final = "form-elsewhere"
_SITE: Final = re.compile(r"https?://[!-.0-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was shown on another site, and which one, such as ``https://charity.example`` ("" if unknown)."""

    words: str
    site: str = ""


def sign(shown: Elsewhere) -> str:
    """Return ``shown`` as the value of a hidden field."""
    return str(_serializer().dumps([shown.words, shown.site]))


def read(text: str) -> Elsewhere | None:
    """Return what was shown, or None when the field is empty or was not signed here."""
    if not text:
        return None
    try:
        words, site = _serializer().loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return Elsewhere(words, site)


def carried(text: str) -> str:
    """Return the field for the next page, now with the site that the present request names; "" if forged."""
    shown = read(text)
    if shown is None:
        return ""
    return text if shown.site else sign(replace(shown, site=site_of(request.headers.get("Origin", ""))))


def site_of(url: str) -> str:
    """Return the site of a Referer or an Origin: ``https://charity.example``, or "" where there is none."""
    found = _SITE.match(url)
    return found[0] if found else ""


def recorded(words: str, page_url: str, text: str) -> str:
    """Return the wording for the record: every text that was shown, in order, under where it was shown.

    Words that were only shown here stand alone, for the record names their page anyway.
    """
    shown = read(text)
    if shown is None:
        return words
    seen = [shown.site, *([shown.words, ""] if shown.words != words else [])]
    return "\n".join([*(seen if shown.site else seen[1:]), page_url, words])


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(ports().settings.secret_key, salt=SALT)
