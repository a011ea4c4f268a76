"""Feeds as octets: Atom (RFC 4287) and JSON Feed 1.1 (jsonfeed.org); it reads no database and no request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree

ATOM: Final = "http://www.w3.org/2005/Atom"
JSON_FEED: Final = "https://jsonfeed.org/version/1.1"
# What no XML document can hold (XML 1.0, 2.2), however it is escaped.
_UNLAWFUL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One item; ``html`` is sanitised, its relative links are relative to ``url``; times are aware."""

    id: str
    url: str
    title: str
    summary: str
    html: str
    published: datetime
    updated: datetime
    image_url: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A stream in one language, newest first; every address is absolute."""

    title: str
    subtitle: str
    language: str
    author: str
    home_url: str
    own_url: str
    began: datetime
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When anything in it last changed."""
        return max((entry.updated for entry in self.entries), default=self.began)


def atom(feed: Feed) -> bytes:
    """Return the feed as an Atom document, whose id is its own address."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed", {"xml:lang": feed.language})
    _text(root, "id", feed.own_url)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", moment(feed.updated))
    _link(root, "self", feed.own_url, "application/atom+xml")
    _link(root, "alternate", feed.home_url, "text/html")
    _text(_child(root, "author"), "name", feed.author)
    for entry in feed.entries:
        _add_entry(root, entry)
    return xml(root)


def json_feed(feed: Feed) -> bytes:
    """Return the feed as a JSON Feed."""
    document = {
        "version": JSON_FEED,
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.home_url,
        "feed_url": feed.own_url,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(document, ensure_ascii=False).encode()


def moment(at: datetime) -> str:
    """Return an aware time as RFC 3339 writes it, in UTC and whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def xml(root: ElementTree.Element) -> bytes:
    """Return a document as octets in UTF-8, with its declaration."""
    octets: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return octets


def lawful(text: str) -> str:
    """Return ``text`` without the characters that no XML document can hold."""
    return _UNLAWFUL.sub("", text)


def _add_entry(root: ElementTree.Element, entry: Entry) -> None:
    element = _child(root, "entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "published", moment(entry.published))
    _text(element, "updated", moment(entry.updated))
    _link(element, "alternate", entry.url, "text/html")
    _text(element, "summary", entry.summary)
    _text(element, "content", entry.html, {"type": "html", "xml:base": entry.url})


def _item(entry: Entry) -> dict[str, Any]:
    item = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.html,
        "date_published": moment(entry.published),
        "date_modified": moment(entry.updated),
    }
    return item | ({"image": entry.image_url} if entry.image_url else {})


def _child(
    parent: ElementTree.Element, name: str, attributes: dict[str, str] | None = None
) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes or {})


def _text(
    parent: ElementTree.Element, name: str, text: str, attributes: dict[str, str] | None = None
) -> None:
    _child(parent, name, attributes).text = lawful(text)


def _link(parent: ElementTree.Element, relation: str, url: str, kind: str) -> None:
    _child(parent, "link", {"rel": relation, "href": url, "type": kind})
