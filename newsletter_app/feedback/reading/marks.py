"""Where our own tokens may stand in a mail that came back: in whom it is to, and in what it returns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from newsletter_app.feedback.reading import complaints
from newsletter_app.feedback.reading.fields import Fields
from newsletter_app.feedback.reading.parts import Part
from newsletter_app.feedback.reading.shapes import Marks

# Where servers write whom a mail was really handed to; the first is the surest.
TO: Final = ("x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to", "cc")
AT_MOST: Final = 8  # Each costs a MAC, and no honest mail holds more.

_LOCAL: Final = re.compile(r"\b([bs]-[a-z2-7]{21,62})@", re.IGNORECASE)
_STOP: Final = re.compile(r"/stop/([A-Za-z0-9_-]{27,400})")
_MESSAGE_ID: Final = re.compile(r"<(c\d{1,9}\.\d{1,9}\.[0-9a-f]{16})@", re.IGNORECASE)


def marks_of(fields: Fields, parts: Sequence[Part], envelope: Iterable[str]) -> Marks:
    """Return every mark, each once, at most a few of a kind. ``envelope`` is whom the mail was handed to."""
    told = [*envelope, *(address for name in TO for address in fields.addresses(name))]
    texts = [*_answered(fields), *_reported(parts), *(part.text for part in parts)]
    return Marks(
        _few(found for address in told for found in _LOCAL.findall(address)),
        _few(found for text in texts for found in _LOCAL.findall(text)),
        _few((found for text in texts for found in _STOP.findall(_unfolded(text))), lower=False),
        _few(found for text in texts for found in _MESSAGE_ID.findall(text)),
    )


def _answered(fields: Fields) -> list[str]:
    return [fields.raw("in-reply-to"), fields.raw("references"), fields.raw("original-message-id")]


def _reported(parts: Sequence[Part]) -> list[str]:
    report = complaints.report_in(list(parts))
    return [report.raw(name) for name in complaints.TELLING] if report else []


def _unfolded(text: str) -> str:
    """Join what quoted-printable broke in two, where a returned message stands as plain text."""
    return text.replace("=\r\n", "").replace("=\n", "")


def _few(found: Iterable[str], *, lower: bool = True) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for each in found:
        kept.setdefault(each.lower() if lower else each)
        if len(kept) == AT_MOST:
            break
    return tuple(kept)
