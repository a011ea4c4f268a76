"""What reading a file found, in the words of the page: what was left out, what is odd, why it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

from newsletter_app.imports import Document
from newsletter_app.tips import Finding, ImportFault
from newsletter_app.web.phrases import gettext as _

LONGEST_QUOTE: Final = 70
_FURNITURE: Final = lazy_gettext("It belongs to the page around the tip.")
_OWN: Final = lazy_gettext("The organisation's own stands under every tip.")
LEFT_OUT: Final[Mapping[str, LazyString]] = {
    **dict.fromkeys(("appeal", "postal-address"), _OWN),
    **dict.fromkeys(("related", "food-for-thought"), lazy_gettext("Related tips are kept by their numbers.")),
    "title-again": lazy_gettext("The title stands there once more."),
}
NOT_UNDERSTOOD: Final[Mapping[str, LazyString]] = {
    "after-the-tip": lazy_gettext("It stands after the tip and was left out."),
    "before-the-title": lazy_gettext("It stands before the title and was left out."),
    "caption": lazy_gettext("Words under the picture were left out."),
    "embed": lazy_gettext("A video or an embedded page was left out. Write a link to it."),
    "heading-underlined": lazy_gettext("Is this a heading? Write ## before it."),
    "html": lazy_gettext("HTML is shown as typed. Write Markdown."),
    "image-in-text": lazy_gettext("A picture in the text is shown as typed. A tip has one picture."),
    "image-without-alt": lazy_gettext("Say what the picture shows."),
    "links-left-out": lazy_gettext("Links to other pages of that site were left out."),
    "loose-line": lazy_gettext("A short line that no paragraph follows was left out."),
    "mark-without-reference": lazy_gettext("No reference has this number."),
    "read-as-windows-1252": lazy_gettext("Look at its accents and quotes: it is not UTF-8."),
    "reference-not-cited": lazy_gettext("No mark in the text cites this reference."),
    "shortcode": lazy_gettext("WordPress would put something here. It was left out."),
    "second-image": lazy_gettext("A tip has one picture. The second credit was left out."),
}
_DAMAGED: Final = lazy_gettext("The file is damaged. Save it again, then choose it once more.")
_LARGE: Final = lazy_gettext("The file is too large. Import it in parts.")
_NUMBERS: Final = lazy_gettext("Number the references 1, 2, 3 without a gap, each once.")
_VALUE: Final = lazy_gettext("This value is not understood. Correct it or delete the line.")
REFUSED: Final[Mapping[str, LazyString]] = {
    **dict.fromkeys(
        ("archive-damaged", "docx-damaged", "xml-damaged", "xml-unsafe", "page-too-deep"), _DAMAGED
    ),
    **dict.fromkeys(("archive-bomb", "page-too-long", "too-long", "xml-too-large"), _LARGE),
    **dict.fromkeys(("reference-gap", "reference-twice", "references-twice"), _NUMBERS),
    **dict.fromkeys(
        ("wrong-value", "value-too-long", "unknown-key", "key-twice", "control-character"), _VALUE
    ),
    **dict.fromkeys(
        ("front-matter", "review"), lazy_gettext("The names and values here are not understood.")
    ),
    **dict.fromkeys(("binary", "not-text"), lazy_gettext("This is no text. Save it as plain text (UTF-8).")),
    "archive-empty": lazy_gettext("The archive holds no text."),
    "disclaimer-twice": lazy_gettext("The disclaimer stands there twice. Keep one."),
    "feed-unknown": lazy_gettext("This is neither a feed nor an export of WordPress."),
    "language-differs": lazy_gettext("The words are in another language than you chose."),
    "language-unknown": lazy_gettext("Choose the language: the words do not tell it."),
    "mark-without-reference": lazy_gettext("A mark has no reference. Add it, or take the mark out."),
    "no-title": lazy_gettext("Begin the text with its title, such as “#24 Walk more”."),
    "title-too-long": lazy_gettext("The title has more than 200 letters. Shorten it."),
    "two-titles": lazy_gettext("A second title begins here. Import one tip after the other."),
}


def left_out(found: Finding) -> str:
    """Return one line on what was left out of a tip."""
    return _said(found.text, str(LEFT_OUT.get(found.code, _FURNITURE)))


def not_understood(found: Finding) -> str:
    """Return one line on what was odd."""
    return _said(found.text, str(NOT_UNDERSTOOD.get(found.code, found.code)))


def refused(document: Document, fault: ImportFault) -> str:
    """Return one line on why a document cannot be read."""
    return _said(document.title or document.member or document.text_at(fault), reason(fault))


def reason(fault: ImportFault) -> str:
    """Return the sentence on a fault alone."""
    return str(REFUSED.get(fault.code, fault.code))


def _said(text: str, words: str) -> str:
    shown = " ".join(text.split())
    shown = shown if len(shown) <= LONGEST_QUOTE else f"{shown[: LONGEST_QUOTE - 1]}…"
    return _("“%(line)s”: %(words)s", line=shown, words=words) if shown else words
