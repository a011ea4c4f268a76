"""Recognises a tip's number and title in one line; takes no sentence for a title."""

import re
from dataclasses import dataclass

MAX_TITLE = 200

_NUMBER = r"(?P<number>[1-9]\d{0,4})"
_NAMED = re.compile(
    rf"(?:#\s?|(?:health tip|tip|conseil santé|conseil)\s(?:#\s?|no\.?\s|n°\s?|nº\s?)?){_NUMBER}"
    r"(?:\s?[:.–—-]\s?|\s)(?P<title>\S.*)",
    re.IGNORECASE,
)
_COUNTED = re.compile(rf"{_NUMBER}\s?[.):–—-]\s(?P<title>\S.*)")


@dataclass(frozen=True)
class Title:
    """A title and its number, None where the line has none."""

    number: int | None
    text: str


def named_title(text: str) -> Title | None:
    """A title that says that it is one: "#24 Walk more", "Tip 24: Walk more", « Conseil 24 :
    Marchez plus ».
    """
    return _match(_NAMED, text)


def any_title(text: str) -> Title | None:
    """Also "24. Walk more" and a bare line without a full stop: to be asked of the first line of a
    page only.
    """
    if text.endswith((".", ";", ":", ",")) or not any(letter.isalnum() for letter in text):
        return None
    found = _match(_NAMED, text) or _match(_COUNTED, text)
    return found or (Title(None, text) if len(text) <= MAX_TITLE else None)


def _match(pattern: re.Pattern[str], text: str) -> Title | None:
    if len(text) > MAX_TITLE:
        return None
    found = pattern.fullmatch(text)
    return Title(int(found["number"]), found["title"]) if found else None
