"""Why a server of the outside was not asked or did not answer, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "address-unreadable": "this is no web address. It begins with http:// or https:// and names a host.",
    "address-not-public": "its server is no public one, and only public ones are asked.",
    "name-unknown": "no server has this name.",
    "too-large": "it has more than 5 MB. Save it smaller, and give it as a file.",
    "too-many-redirects": "it was passed on more than five times.",
    "too-slow": "its server took longer than five seconds. Try again later.",
    "unreachable": "its server did not answer. Try again later.",
    "untrusted": "its server could not prove who it is.",
}


def fetch_words(code: str) -> str:
    """Return the words for a code of FetchRefused."""
    return WORDS.get(code, code)
