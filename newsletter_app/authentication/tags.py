"""Lists of tags as DKIM, DMARC and BIMI records write them: ``v=DMARC1; p=none`` (RFC 6376 section 3.2)."""

from __future__ import annotations


def read_tags(text: str) -> dict[str, str]:
    """Return the tags in order, names in small letters; of one that stands twice the first."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def records_of(version: str, texts: tuple[str, ...]) -> list[str]:
    """Return those texts whose first tag is ``v=`` and this version, to the letter."""
    return [text for text in texts if next(iter(read_tags(text).items()), None) == ("v", version)]
