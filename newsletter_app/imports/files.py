"""Tells by name and content how a file is read, and reads it: text, page, Word, export, feed, archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from newsletter_app.imports import xml
from newsletter_app.imports.archives import Archive
from newsletter_app.imports.documents import Batch, Document, joined
from newsletter_app.imports.docx import read_docx
from newsletter_app.imports.feeds import read_feed
from newsletter_app.imports.html import read_html_file
from newsletter_app.imports.wordpress import is_export, read_export
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips import ImportFault, Reading, Unreadable, read_file

WHOLE: Final = ""
_HTML: Final = (".html", ".htm", ".xhtml")
_FEEDS: Final = (".xml", ".rss", ".atom", ".wxr")
_DOCUMENTS: Final = (*_HTML, *_FEEDS, ".docx", ".md", ".markdown", ".txt")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NAMED_LANGUAGE: Final = re.compile(
    rf"[._-](?P<language>{'|'.join(LANGUAGES)})\.[^.]{{1,10}}$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever imports says: the language, the one where nothing tells it, whether drafts count."""

    default_language: str
    language: str | None = None
    drafts: bool = False


def read(
    name: str, content: bytes, default_language: str, *, language: str | None = None, drafts: bool = False
) -> Batch:
    """Read the documents of a file from its name and bytes; what cannot be read has its faults instead.

    Nothing is raised: a file that cannot be opened at all is one document with faults.
    """
    wishes = Wishes(default_language, language, drafts)
    try:
        return _read(name, content, wishes, nested=False)
    except Unreadable as unreadable:
        return Batch((Document(WHOLE, None, unreadable.faults, lines=_shown(name, content)),))


def _read(name: str, content: bytes, wishes: Wishes, *, nested: bool) -> Batch:
    ending = name.lower()[name.rfind(".") :]
    if ending == ".zip" and not nested:
        return _read_archive(content, wishes)
    if ending == ".docx":
        return _one(name, content, wishes, read_docx)
    if ending in _HTML:
        return _one(name, content, wishes, read_html_file)
    if ending in _FEEDS or content.lstrip()[:5].lower() == b"<?xml":
        return _read_xml(content, wishes)
    reading = read_file(name, content, wishes.default_language, language=wishes.language)
    return Batch((Document(WHOLE, reading),))


def _one(name: str, content: bytes, wishes: Wishes, reader: Callable[..., Reading]) -> Batch:
    named = _NAMED_LANGUAGE.search(name)
    language = wishes.language or (named["language"].lower() if named else None)
    reading = reader(content, wishes.default_language, language=language)
    return Batch((Document(WHOLE, reading, unit="paragraph", lenient=True),))


def _read_xml(content: bytes, wishes: Wishes) -> Batch:
    root = xml.parse(content)
    if is_export(root):
        return read_export(root, language=wishes.language, drafts=wishes.drafts)
    return read_feed(content, language=wishes.language)


def _read_archive(content: bytes, wishes: Wishes) -> Batch:
    """Every document of an archive; pictures stay in it until a document names them."""
    archive = Archive(content)
    names = [name for name in archive.names if name.lower().endswith(_DOCUMENTS)]
    if not names:
        raise Unreadable(ImportFault(1, "archive-empty"))
    return joined(_read_member(archive, name, wishes) for name in names)


def _read_member(archive: Archive, name: str, wishes: Wishes) -> Batch:
    content = b""
    try:
        content = archive.read(name) or b""
        batch = _read(name, content, wishes, nested=True)
    except Unreadable as unreadable:
        batch = Batch((Document(WHOLE, None, unreadable.faults, lines=_shown(name, content)),))
    return replace(batch, documents=tuple(replace(one, member=name) for one in batch.documents))


def _shown(name: str, content: bytes) -> tuple[str, ...]:
    """The lines of a text, to quote the one that a fault is about; of anything else a quote tells nothing."""
    if name.lower().endswith((".zip", ".docx", *_HTML)):
        return ()
    return tuple(_LINE_END.split(content[:2_000_000].decode("utf-8", errors="replace")))
