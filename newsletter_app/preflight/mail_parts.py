"""What preflight looks at in the HTML of a composed mail: its headings, links, tags, styles and words."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_SILENT: Final = frozenset({"style", "title", "script"})
_NO_END: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
)
PREHEADER: Final = "preheader"
# One page asks for the parts of a mail up to three times, in both languages.
MAILS_KEPT: Final = 4


@dataclass(slots=True)
class MailParts:
    """``links`` are addresses with their words, ``pictures`` addresses, ``styles`` what <style> holds."""

    headings: list[int] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    styles: str = ""
    inline_styles: list[str] = field(default_factory=list)
    preheader: str = ""
    words: list[str] = field(default_factory=list)


@lru_cache(maxsize=MAILS_KEPT)
def parts_of(html: str) -> MailParts:
    """Return the parts of a mail's HTML, to be read only; what is no HTML is text. It never raises."""
    reader = _Reader()
    # The parser gives up with an assertion on a marked section without a name ("<![1").
    with suppress(AssertionError):
        reader.feed(html)
        reader.close()
    return reader.parts


class _Reader(HTMLParser):
    """Reads on through whatever comes; an element left open ends with the mail."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts = MailParts()
        self._link: list[str] | None = None
        self._silent = ""
        self._preheader_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.parts.tags.add(tag)
        if given.get("style"):
            self.parts.inline_styles.append(given["style"])
        if tag in _HEADINGS:
            self.parts.headings.append(_HEADINGS[tag])
        if tag in _SILENT:
            self._silent = tag
        if tag == "a" and "href" in given:
            self._link = []
            self.parts.links.append((given["href"].strip(), ""))
        if tag == "img":
            self.parts.pictures.append(given.get("src", ""))
            self._say(given.get("alt", ""))
        if tag not in _NO_END and (self._preheader_depth or PREHEADER in given.get("class", "").split()):
            self._preheader_depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        if tag == "a" and self._link is not None:
            address, _ = self.parts.links[-1]
            self.parts.links[-1] = (address, " ".join("".join(self._link).split()))
            self._link = None
        if self._preheader_depth:
            self._preheader_depth -= 1

    def handle_data(self, data: str) -> None:
        if self._silent:
            self.parts.styles += data if self._silent == "style" else ""
        elif self._preheader_depth:
            self.parts.preheader += data
        else:
            self._say(data)

    def _say(self, text: str) -> None:
        self.parts.words += text.split()
        if self._link is not None:
            self._link.append(text)
