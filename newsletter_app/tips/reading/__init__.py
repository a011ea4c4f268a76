"""Reading a tip from a file: bytes in, a draft and findings out. Rules only: no database, no web, no file is
opened.
"""

import re

from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips.reading import inline
from newsletter_app.tips.reading.draft import (
    IMAGE_LENGTHS,
    REFERENCE_LENGTHS,
    TIP_LENGTHS,
    Finding,
    ImageDraft,
    ImportFault,
    Reading,
    ReferenceDraft,
    TipDraft,
    Unreadable,
)
from newsletter_app.tips.reading.furniture import furniture_code
from newsletter_app.tips.reading.lines import MAX_BYTES, Line, read_lines, without_controls
from newsletter_app.tips.reading.markdown import has_front_matter, read_markdown
from newsletter_app.tips.reading.plain import read_plain
from newsletter_app.tips.reading.reference_list import pasted_references
from newsletter_app.tips.reading.references import parse_reference
from newsletter_app.tips.reading.slugs import slugify
from newsletter_app.tips.reading.titles import named_title

__all__ = [
    "IMAGE_LENGTHS",
    "MAX_BYTES",
    "REFERENCE_LENGTHS",
    "TIP_LENGTHS",
    "Finding",
    "ImageDraft",
    "ImportFault",
    "Line",
    "Reading",
    "ReferenceDraft",
    "TipDraft",
    "Unreadable",
    "furniture_code",
    "inline",
    "named_title",
    "parse_reference",
    "pasted_references",
    "read_file",
    "read_page",
    "slugify",
    "without_controls",
]

_MARKDOWN_NAMES = (".md", ".markdown")
_NAMED_LANGUAGE = re.compile(rf"[._-](?P<language>{'|'.join(LANGUAGES)})\.[^.]{{1,10}}$", re.IGNORECASE)


def read_file(name: str, content: bytes, default_language: str, *, language: str | None = None) -> Reading:
    """Reads one side of a tip from a file's name and bytes.

    Markdown when the name ends in .md or the text has front matter, else a pasted page. The language is
    `language`,
    else the name's ("07.fr.md"), else the front matter's, else what the words tell, else `default_language`.
    Raises Unreadable with every fault found and its line.
    """
    lines, findings = read_lines(content)
    named = _NAMED_LANGUAGE.search(name)
    known = language or (named["language"].lower() if named else None)
    is_markdown = name.lower().endswith(_MARKDOWN_NAMES) or has_front_matter(lines)
    reading = (read_markdown if is_markdown else read_plain)(lines, known, default_language)
    return Reading(reading.draft, reading.left_out, (*findings, *reading.not_understood))


def read_page(lines: tuple[Line, ...], default_language: str, *, language: str | None = None) -> Reading:
    """Reads one side of a tip from the lines of a document that knows its parts (see `Line`).

    Lines are numbered upwards; an empty one parts two blocks. The language is `language`, else what the words
    tell, else `default_language`. Raises Unreadable: no-title, two-titles, title-too-long, reference-gap,
    reference-twice.
    """
    return read_plain(lines, language, default_language)
