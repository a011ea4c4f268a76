"""Walks tidy HTML and gives its rows: a heading, a paragraph, an item, a picture, with where it stood.

It decides nothing about the tip. It is fed what nh3 has parsed and written anew, never a file itself:
Python's own parser takes minutes over a hostile one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from newsletter_app.tips import inline

REGIONS: Final = ("nav", "header", "footer", "aside", "form", "main", "article")
HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
# What stands for a picture that a page shows and does not name.
NOWHERE: Final = "?"
EMBEDS: Final = ("iframe", "video", "audio", "object", "embed", "canvas")
BLOCKS: Final = frozenset(
    {"p", "div", "section", "address", "dl", "dt", "dd", "table", "tr", "td", "th", "blockquote", "figure"}
    | {"figcaption", "pre", "hr", "fieldset", "details", "summary", "center", "ul", "ol", "li"}
    | {*REGIONS, *HEADINGS}
)
_PAIRS: Final = {
    "strong": (inline.STRONG, inline.STRONG_END),
    "b": (inline.STRONG, inline.STRONG_END),
    "em": (inline.STRESS, inline.STRESS_END),
    "i": (inline.STRESS, inline.STRESS_END),
}
_CITED: Final = re.compile(r"\s*[\[(]?(\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,9})[\])]?\s*")
_BACK: Final = re.compile(r"[\s↩↑⤴^↵️]*")
# "cm²" and "10⁶" are no citations.
_POWER: Final = re.compile(r"(?:\d|\b(?:[kcdm]?m|kg/m))$")
# So many pieces back, marks among them, a unit before a raised number is looked for.
_NEAR: Final = 12
_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BLANK_LINE: Final = re.compile(r"\n[ \t\r]*\n")


@dataclass(slots=True)
class Row:
    """One row: ``kind`` is a heading's tag, li, p, figcaption, picture or embed; ``marked`` has its marks.

    ``region`` is the outermost part of the page around it that is no part of a text, ``within`` the main or
    article it stands in.
    """

    kind: str
    marked: str
    region: str = ""
    within: str = ""
    picture: str = ""
    group: int = 0

    @property
    def text(self) -> str:
        """The words alone, in single spaces."""
        return " ".join(inline.words(self.marked).split())

    @property
    def is_bold(self) -> bool:
        """Whether all of it is bold, as headings are that somebody only painted."""
        marked = self.marked.strip()
        whole = marked.startswith(inline.STRONG) and marked.endswith(inline.STRONG_END)
        return whole and marked.count(inline.STRONG_END) == 1


@dataclass(slots=True)
class _List:
    tag: str
    group: int
    count: int = 0


@dataclass(slots=True)
class _Open:
    """A link or a raised text that is not closed yet: where it began, and where it leads."""

    tag: str
    at: int
    address: str = ""
    lists: int = 0


@dataclass(slots=True)
class Found:
    """The rows of a page with the title of its head, and how many links lead nowhere from here."""

    rows: list[Row] = field(default_factory=list)
    title: str = ""
    relative_links: int = 0


class Walker(HTMLParser):
    """Gathers rows in ``found``; ``blank_lines`` says that an empty line parts paragraphs."""

    def __init__(self, *, blank_lines: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Found()
        self._blank_lines = blank_lines
        self._held: list[str] = []
        self._kind = "p"
        self._regions: list[tuple[str, int]] = []
        self._lists: list[_List] = []
        self._open: list[_Open] = []
        self._groups = self._articles = self._breaks = 0
        self._in_title = False

    def close(self) -> None:
        """Give the last row, too."""
        super().close()
        self._flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open what ``tag`` opens."""
        given = {name: value or "" for name, value in attrs}
        if tag == "title":
            self._in_title = not self.found.title
        elif tag in BLOCKS:
            self._begin(tag, given)
        elif tag == "img":
            self._picture(given)
        elif tag in EMBEDS:
            self._flush()
            self._row("embed", given.get("title") or given.get("src") or tag)
        elif tag == "br":
            self._break()
        elif tag in ("a", "sup"):
            self._open.append(_Open(tag, len(self._held), given.get("href", "").strip()))
            self._held.append("")
        elif tag in _PAIRS:
            self._held.append(_PAIRS[tag][0])

    def handle_endtag(self, tag: str) -> None:
        """Close what ``tag`` closes."""
        if tag == "title":
            self._in_title = False
        elif tag in BLOCKS:
            self._end(tag)
        elif tag in ("a", "sup"):
            self._close(tag)
        elif tag in _PAIRS:
            self._held.append(_PAIRS[tag][1])

    def handle_data(self, data: str) -> None:
        """Hold words until their row is complete."""
        if self._in_title:
            self.found.title += data
            return
        parts = _BLANK_LINE.split(inline.foreign(data)) if self._blank_lines else [inline.foreign(data)]
        for at, part in enumerate(parts):
            if at and not self._lists:
                self._flush()
            self._breaks = 0 if part.strip() else self._breaks
            self._held.append(part)

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if self._lists and tag not in ("li", "ul", "ol", *REGIONS):
            # A paragraph inside an item belongs to the item.
            self._held.append(" ")
            return
        self._flush()
        if tag in REGIONS:
            self._articles += tag in ("main", "article")
            self._regions.append((tag, self._articles))
        elif tag in ("ul", "ol"):
            self._groups += not self._lists
            start = given.get("start", "")[:3]
            self._lists.append(_List(tag, self._groups, int(start) - 1 if start.isdecimal() else 0))
        elif tag == "li" and self._lists:
            self._lists[-1].count += 1
            self._kind = "li"
        elif tag in HEADINGS or tag == "figcaption":
            self._kind = tag

    def _end(self, tag: str) -> None:
        if self._lists and tag not in ("li", "ul", "ol", *REGIONS):
            self._held.append(" ")
            return
        self._flush()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag in REGIONS:
            names = [name for name, _ in self._regions]
            if tag in names:
                del self._regions[len(names) - 1 - names[::-1].index(tag) :]

    def _break(self) -> None:
        self._breaks += 1
        if self._breaks > 1 and not self._lists:
            self._flush()
        self._held.append("\n")

    def _close(self, tag: str) -> None:
        opened = next((one for one in reversed(self._open) if one.tag == tag), None)
        if opened is None or opened.at >= len(self._held):
            self._open = [one for one in self._open if one is not opened]
            return
        self._open.remove(opened)
        whole = "".join(self._held[opened.at :])
        del self._held[opened.at :]
        self._held.append(self._raised(whole) if tag == "sup" else self._linked(whole, opened.address))

    def _raised(self, text: str) -> str:
        cited = _CITED.fullmatch(inline.words(text))
        before = inline.words("".join(self._held[-_NEAR:]))[-12:]
        if cited and not _POWER.search(before):
            return f"[{cited[1]}]"
        return text.translate(_RAISED)

    def _linked(self, text: str, address: str) -> str:
        if address.startswith("#"):
            cited = _CITED.fullmatch(inline.words(text))
            if cited:
                return f"[{cited[1]}]"
            return "" if _BACK.fullmatch(inline.words(text)) else text
        end = inline.link_end(address) if inline.words(text).strip() else ""
        if end:
            return f"{inline.LINK}{inline.words(text)}{end}"
        self.found.relative_links += bool(address)
        return text

    def _picture(self, given: dict[str, str]) -> None:
        sizes = [given.get(name, "") for name in ("width", "height")]
        if any(size.isdecimal() and int(size[:5]) <= 80 for size in sizes):
            return
        source = given.get("data-src") or given.get("data-lazy-src") or given.get("src", "")
        held, self._held, kind = self._held, [], self._kind
        opened, self._open = self._open, []
        self._row("picture", inline.foreign(given.get("alt", "")), source or NOWHERE)
        self._held, self._kind, self._open = held, kind, opened

    def _flush(self) -> None:
        marked = "".join(self._held)
        kind = self._kind
        self._held, self._kind, self._breaks, self._open = [], "p", 0, []
        if not any(letter.isalnum() for letter in inline.words(marked)):
            return
        lines = [" ".join(line.split(" ")) for line in marked.split("\n")] if not self._lists else [marked]
        for at, line in enumerate(line for line in lines if inline.words(line).strip()):
            self._row(kind if kind != "li" else "li", line, continued=at > 0)

    def _row(self, kind: str, marked: str, picture: str = "", *, continued: bool = False) -> None:
        within = next((f"{name} {at}" for name, at in self._regions if name in ("main", "article")), "")
        row = Row(kind, marked, self._region(), within, picture)
        if kind == "li" and self._lists:
            here = self._lists[-1]
            row.marked = f"{'•' if here.tag == 'ul' else f'{max(here.count, 1)}.'} {marked.strip()}"
            row.group = here.group
        elif continued and self.found.rows:
            row.group = self.found.rows[-1].group = self.found.rows[-1].group or -len(self.found.rows)
        self.found.rows.append(row)

    def _region(self) -> str:
        inside = False
        for name, _ in self._regions:
            if name in ("main", "article"):
                inside = True
            elif name != "header" or not inside:
                return name
        return ""
