"""Reads the tips of a feed that was saved as a file: RSS of any age, or Atom; one entry is one side."""

from __future__ import annotations

import io
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from newsletter_app.imports.documents import Batch, Document
from newsletter_app.imports.html import MAX_BYTES, Given, plain_words, read_html
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips import ImportFault, Reading, Unreadable

MAX_FEED: Final = 10_000_000


def read_feed(content: bytes, *, language: str | None) -> Batch:
    """Read every entry; ``content`` went through newsletter_app.imports.xml, which refuses what is unsafe.

    An entry is in the language it says, else in ``language``, else in what its words tell, else in that
    of the feed.
    Raises Unreadable: page-too-long, feed-unknown.
    """
    # Loaded here, since web and workers load this room's commands and never read a feed.
    import feedparser

    if len(content) > MAX_FEED:
        raise Unreadable(ImportFault(1, "page-too-long"))
    # A stream: a text would be taken for an address or the name of a file.
    feed = feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    if not feed.version:
        raise Unreadable(ImportFault(1, "feed-unknown"))
    general = _language(feed.feed.get("language", ""))
    return Batch(tuple(_document(at, entry, language, general) for at, entry in enumerate(feed.entries, 1)))


def _document(at: int, entry: Any, language: str | None, general: str | None) -> Document:
    title = plain_words(entry.get("title", ""))
    whole = Document(
        place=f"entry {at}",
        reading=None,
        title=title,
        unit="paragraph",
        published_at=_published_at(entry),
        lenient=True,
    )
    try:
        return replace(whole, reading=_read(entry, title, language, general))
    except Unreadable as unreadable:
        return replace(whole, faults=unreadable.faults)


def _read(entry: Any, title: str, language: str | None, general: str | None) -> Reading:
    parts = entry.get("content") or [entry.get("summary_detail") or {}]
    best = next((part for part in parts if "html" in part.get("type", "")), parts[0])
    text = best.get("value", "")
    if len(text) > MAX_BYTES:
        raise Unreadable(ImportFault(1, "page-too-long"))
    given = Given(
        title=title,
        address=entry.get("link", ""),
        picture=_picture(entry) if "<img" not in text else "",
        blank_lines="<p" not in text,
    )
    said = _language(best.get("language") or "")
    reading = read_html(text, general or "", language=said or language, given=given)
    if not reading.draft.language:
        raise Unreadable(ImportFault(1, "language-unknown"))
    return reading


def _language(said: str) -> str | None:
    short = (said or "")[:2].lower()
    return short if short in LANGUAGES else None


def _picture(entry: Any) -> str:
    """The picture that a feed names beside the text."""
    media = [*entry.get("media_content", []), *entry.get("media_thumbnail", [])]
    named = [one.get("url", "") for one in media if one.get("medium", "image") == "image"]
    named += [
        one.get("href", "") for one in entry.get("enclosures", []) if one.get("type", "").startswith("image/")
    ]
    return next((address for address in named if address), "")


def _published_at(entry: Any) -> datetime | None:
    at = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(at), UTC) if at else None
    except (ValueError, OverflowError, OSError):
        return None
