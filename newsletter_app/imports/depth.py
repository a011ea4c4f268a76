"""Refuses HTML nested as no page is: to parse it as browsers do costs the square of its depth (S18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from newsletter_app.tips import ImportFault, Unreadable

MAX_DEPTH: Final = 300
MAX_TAGS: Final = 100_000
# An unclosed <p> or <li> opens nothing inside itself, and <br> never does.
_TAG: Final = re.compile(
    r"<(/?)(?!(?:p|li|t[rdh]|d[td]|tbody|thead|tfoot|option|br|hr|img|meta|link|input|source|wbr|col|area|base)\b)"
    r"[a-z][a-z0-9:-]{0,40}",
    re.IGNORECASE,
)
# In a script "a<b" opens nothing.
_SILENT: Final = re.compile(r"<(script|style)\b", re.IGNORECASE)


def check_depth(text: str) -> None:
    """Raise Unreadable("page-too-deep") where tags are open 300 deep, or more than 100,000 stand in all."""
    depth = count = 0
    for part in _outspoken(text):
        for found in _TAG.finditer(part):
            count += 1
            depth = max(0, depth - 1) if found[1] else depth + 1
            if depth > MAX_DEPTH or count > MAX_TAGS:
                raise Unreadable(ImportFault(1, "page-too-deep"))


def _outspoken(text: str) -> Iterator[str]:
    """Give what stands outside scripts and styles."""
    at = 0
    while opened := _SILENT.search(text, at):
        yield text[at : opened.start()]
        closed = re.compile(f"</{opened[1]}", re.IGNORECASE).search(text, opened.end())
        if closed is None:
            return
        at = closed.end()
    yield text[at:]
