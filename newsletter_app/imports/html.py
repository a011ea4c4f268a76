"""Reads a tip from HTML, a saved page or the text of a post; finds the tip on the page, says what it left.

What a page brings of its own (scripts, styles, forms) never gets further than here: only words come out,
with marks for what is bold, stressed or linked (S13).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin

import nh3

from newsletter_app.imports.depth import check_depth
from newsletter_app.imports.page import own_rows, titled
from newsletter_app.imports.rows import BLOCKS, EMBEDS, HEADINGS, NOWHERE, Row, Walker
from newsletter_app.tips import (
    Finding,
    ImportFault,
    Line,
    Reading,
    Unreadable,
    furniture_code,
    read_page,
    without_controls,
)

MAX_BYTES: Final = 5_000_000
MAX_ALT: Final = 500
_TAGS: Final = {*BLOCKS, *EMBEDS, "title", "img", "br", "a", "sup", "strong", "b", "em", "i"}
_DROPPED: Final = {"script", "style", "noscript", "template", "svg", "math", "select", "textarea", "button"}
_ATTRIBUTES: Final = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "data-src", "data-lazy-src"},
    "ol": {"start"},
    "iframe": {"title", "src"},
}
_LANGUAGE: Final = re.compile(rb"<html\b[^>]{0,400}?\blang\s?=\s?[\"']?(en|fr)\b", re.IGNORECASE)
_CHARSET: Final = re.compile(rb"<meta\b[^>]{0,200}?\bcharset\s?=\s?[\"']?([\w-]{1,20})", re.IGNORECASE)
# The charsets that pages have; a name from outside is never handed to Python to look up.
_CHARSETS: Final = {
    b"iso-8859-1": "cp1252",
    b"latin1": "cp1252",
    b"windows-1252": "cp1252",
    b"iso-8859-15": "iso-8859-15",
    b"macintosh": "mac-roman",
}
OUTSIDE: Final = {
    "nav": "page-menu",
    "header": "page-top",
    "footer": "page-foot",
    "aside": "page-side",
    "form": "page-form",
}
_SHAPES: Final = {"figcaption": "caption", "picture": "picture"}


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a text that is part of something larger: its title, its address, its picture."""

    title: str = ""
    address: str = ""
    picture: str = ""
    picture_alt: str = ""
    blank_lines: bool = False


def read_html_file(content: bytes, default_language: str, *, language: str | None = None) -> Reading:
    """Read one side of a tip from a saved page.

    The language is ``language``, else what the words tell, else the page's own mark, else
    ``default_language``. Raises Unreadable: too-long, binary, not-text and what read_page raises.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(ImportFault(1, "page-too-long"))
    said = _LANGUAGE.search(content[:4096])
    default = said[1].decode().lower() if said else default_language
    return read_html(_decode(content), default, language=language)


def read_html(
    text: str, default_language: str, *, language: str | None = None, given: Given | None = None
) -> Reading:
    """Read one side of a tip from HTML text; ``given`` is what stands around it. Raises Unreadable."""
    known = given or Given()
    found = _walk(text, blank_lines=known.blank_lines).found
    own, outside = own_rows(found.rows, whole=given is not None)
    own, title = titled(own, outside, known.title or found.title)
    if known.picture:
        own.insert(0, Row("picture", known.picture_alt, picture=known.picture))
    lines = _lines([title, *own], known.address)
    reading = read_page(lines, default_language, language=language)
    odd = [*_odd(own), *([Finding(1, "links-left-out", "")] if found.relative_links else [])]
    left = [*_left_out(outside), *reading.left_out]
    return replace(reading, left_out=tuple(left), not_understood=(*odd, *reading.not_understood))


def plain_words(text: str) -> str:
    """The words of a scrap of HTML, such as a title of a feed, in single spaces."""
    return " ".join(row.text for row in _walk(text, blank_lines=False).found.rows)


def _walk(text: str, *, blank_lines: bool) -> Walker:
    check_depth(text)
    # nh3 reads as browsers do, in linear time, and hands on nothing that a parser could stumble over.
    tidy = nh3.clean(
        without_controls(text),
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "file"},
        link_rel=None,
    )
    walker = Walker(blank_lines=blank_lines)
    walker.feed(tidy)
    walker.close()
    return walker


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise Unreadable(ImportFault(1, "binary"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        said = _CHARSET.search(content[:4096])
        return content.decode(_CHARSETS.get(said[1].lower() if said else b"", "cp1252"), errors="replace")


def _lines(rows: list[Row], base: str) -> tuple[Line, ...]:
    """The rows as numbered lines with empty ones between, save inside a list."""
    levels = sorted({row.kind for row in rows if row.kind in HEADINGS})
    lines: list[Line] = []
    group = 0
    for row in rows:
        if lines and not (row.group and row.group == group):
            lines.append(Line(0, ""))
        group = row.group
        if row.kind != "embed":
            lines.append(_line(row, base, levels))
    return tuple(replace(line, number=at) for at, line in enumerate(lines, 1))


def _line(row: Row, base: str, levels: list[str]) -> Line:
    shape = _SHAPES.get(row.kind, "")
    if row.kind == "title":
        shape = "title"
    elif row.kind in HEADINGS:
        shape = "heading" if row.kind == levels[0] else "subheading"
    elif not shape:
        # A bold line may stand for a heading, but not where headings are told.
        shape = "text" if row.is_bold and not levels else "paragraph"
    picture = urljoin(base, row.picture) if base and row.picture not in ("", NOWHERE) else row.picture
    # Words for a picture that nobody could listen to are none; it is told that it has none.
    text = "" if row.kind == "picture" and len(row.text) > MAX_ALT else row.text
    return Line(0, text, row.marked if row.marked != row.text and not picture else "", shape, picture)


def _odd(rows: list[Row]) -> list[Finding]:
    return [Finding(at, "embed", row.text) for at, row in enumerate(rows, 1) if row.kind == "embed"]


def _left_out(rows: list[Row]) -> list[Finding]:
    """What stands around the text, a finding for each stretch: a menu has a hundred lines."""
    stretches: list[tuple[str, list[str]]] = []
    for row in rows:
        code = furniture_code(row.text) or OUTSIDE.get(row.region, "page-rest")
        if stretches and stretches[-1][0] == code:
            stretches[-1][1].append(row.text)
        else:
            stretches.append((code, [row.text]))
    return [Finding(0, code, " · ".join(texts)) for code, texts in stretches if any(texts)]
