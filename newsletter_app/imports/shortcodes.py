"""Takes WordPress shortcodes out of a text: their words stay, their marks go and are reported."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_MARK: Final = re.compile(r"\[(/?)([a-zA-Z][\w-]{1,40})((?:\s[^\[\]<>]{0,500})?)(/?)\]")
# Those that WordPress and its common plug-ins write without any attribute.
_KNOWN: Final = frozenset(
    {"audio", "video", "gallery", "playlist", "embed", "caption", "wp_caption", "contact-form-7", "toc"}
    | {"button", "columns", "column", "row", "spacer", "accordion", "toggle", "tab", "tabs", "social"}
    | {"share", "newsletter", "mailpoet_form"}
)


class Stripped(NamedTuple):
    """The text without shortcodes, and those that were taken out, each once, as they began."""

    text: str
    found: tuple[str, ...]


def strip(text: str) -> Stripped:
    """Take out ``[name a="b"]``, ``[/name]`` and pairs; "[sic]" and "[1]" are words and stay.

    ``[caption]`` is the one that is understood: its picture and words are read like any other.
    """
    closed = {found[2].lower() for found in _MARK.finditer(text) if found[1]}
    taken: dict[str, None] = {}

    def take(found: re.Match[str]) -> str:
        name = found[2].lower()
        if not (found[1] or found[4] or "=" in found[3] or name in closed or name in _KNOWN):
            return found[0]
        if not found[1] and name not in ("caption", "wp_caption"):
            taken.setdefault(f"[{name}]")
        return " "

    return Stripped(_MARK.sub(take, text), tuple(taken))
