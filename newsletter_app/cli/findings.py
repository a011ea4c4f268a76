"""What reading a file found, in words: what was left out and why, what is odd, why a file is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newsletter_app.tips import Finding, ImportFault

LONGEST_QUOTE: Final = 70

LEFT_OUT: Final[Mapping[str, str]] = {
    "appeal": "the appeal; the organisation's own stands under every tip",
    "choose-notices": "the box to choose notices",
    "donate": "a button to give",
    "food-for-thought": "the heading of the related tips",
    "postal-address": "a postal address; the organisation's own stands under every tip",
    "page-foot": "the foot of the page",
    "page-form": "a form",
    "page-menu": "the menu",
    "page-rest": "what stands around the text",
    "page-side": "the side bar",
    "page-top": "the head of the page",
    "related": "a related tip, kept as a link by its number",
    "share": "the box to share the page",
    "share-target": "a button to share or print the page",
    "separator": "a rule or an ornament",
    "skip-link": "the link past the menu",
    "subscribe": "the box to subscribe",
    "title-again": "the title once more",
}

NOT_UNDERSTOOD: Final[Mapping[str, str]] = {
    "after-the-tip": "It stands after the tip and was left out. If it belongs to the tip, move it up.",
    "before-the-title": (
        "It stands before the title and was left out. If it belongs to the tip, move it down."
    ),
    "caption": "Words under the picture were left out. If they are its credit, begin them with “Photo: ”.",
    "embed": "A video, sound or embedded page was left out. Write a link to it, if readers need it.",
    "heading-underlined": "Is this a heading? Write it as “## Heading”; it stands as typed.",
    "html": "HTML is shown as typed. Write Markdown, such as **bold**.",
    "image-in-text": "A picture in the text is shown as typed. A tip has one picture: name it under image:.",
    "image-without-alt": "The picture has no words above its credit. Say what it shows with --alt.",
    "links-left-out": (
        "Links to other pages of that site were left out, their words kept. Write the whole address."
    ),
    "loose-line": (
        "A short line that no paragraph follows was left out. As a heading it needs text below;"
        " else end it with a full stop."
    ),
    "mark-without-reference": (
        "No reference has this number, so it stands as text. Add the reference, or take the mark out."
    ),
    "read-as-windows-1252": "It is not UTF-8 and was read as Windows-1252. Look at its accents and quotes.",
    "reference-not-cited": (
        "No mark in the text cites this reference. Was a mark such as (2) lost in pasting?"
    ),
    "shortcode": "WordPress would put something of its own here. It was left out, the words in it kept.",
    "second-image": "A tip has one picture; this second credit was left out.",
}

REFUSED: Final[Mapping[str, str]] = {
    "archive-bomb": (
        "This archive unpacks to more than 500 MB, or to two hundred times its size. Is it the right file?"
    ),
    "archive-damaged": "This is no whole archive. Pack it again, as .zip, without a password.",
    "archive-empty": "The archive holds no .html, .docx, .md, .txt or .xml file.",
    "binary": "This is no text. Save it as plain text (UTF-8).",
    "control-character": (
        "There is an unseen control character. Delete it, or paste the text again as plain text."
    ),
    "disclaimer-twice": "The disclaimer stands above, in the front matter, too. Keep one of the two.",
    "docx-damaged": "This is no whole Word document. Open it in Word, and save it anew as .docx.",
    "feed-unknown": "This is neither a feed (RSS, Atom) nor an export of WordPress. Is it the right file?",
    "front-matter": (
        "The lines between the two --- are not understood. Write one “name: value” a line; put quotes"
        " around a value with a colon."
    ),
    "key-twice": "This name stands twice in the front matter. Keep one of the two.",
    "language-differs": "This is not the language of the file's name or of --language. Make them agree.",
    "language-unknown": "Its words do not tell its language. Give --language en or --language fr.",
    "mark-without-reference": "This mark has no reference. Add the reference, or take the mark out.",
    "no-title": "No title is found. Begin the text with it, as in “#24 Walk more” or “# Walk more”.",
    "not-text": "This is neither UTF-8 nor Windows-1252. Save the file as plain text (UTF-8).",
    "page-too-deep": "Its HTML is nested deeper than any page. Save the page again, from the browser.",
    "page-too-long": "It has more than 5 MB of text (a feed: 10 MB). Save the page again, as “HTML only”.",
    "reference-gap": "The references do not count 1, 2, 3 … here. Number them without a gap.",
    "reference-twice": "A reference with this number stands above already. Number them 1, 2, 3 …",
    "references-twice": "References stand in the front matter and under the text. Keep them in one place.",
    "review": (
        "This is not understood as a review. Each tip begins with “- ”, each fact is “name: value”, and the"
        " lines of a long text are indented below “name: |-”."
    ),
    "title-too-long": "The title has more than 200 letters. Shorten it, or put the real title above it.",
    "too-long": "The file has more than 1,000,000 bytes. A tip is a page or two; is it the right file?",
    "two-titles": "A second title begins here. Put each tip into a file of its own.",
    "unknown-key": (
        "No such name is known in the front matter. Look for a slip of the keyboard, or delete the line."
    ),
    "value-too-long": "This value is too long to be kept. Shorten it.",
    "wrong-value": (
        "This value is not understood. Numbers are digits, days 2026-03-31, languages en or fr, yes and"
        " no true or false."
    ),
    "xml-damaged": "This is no well-formed XML. Export it again; a browser that opens it says what is wrong.",
    "xml-too-large": "This is more than 64 MB of XML. Export it in parts.",
    "xml-unsafe": (
        "It begins with a document type (<!DOCTYPE …>), by which a file could read others. Delete those"
        " lines."
    ),
}

PASSED_OVER: Final[Mapping[str, str]] = {
    "drafts": "drafts were left out; --drafts takes them along",
    "pages": "pages were left out, since tips are posts",
    "private": "private or deleted posts were left out",
    "protected": "posts behind a password were left out",
    "terms": "categories and tags were ignored; a notice takes their place",
}


def left_out(finding: Finding, unit: str = "line") -> str:
    """Return one line on what was left out of a tip; ``unit`` is what its number counts."""
    return _said(finding, unit, LEFT_OUT.get(finding.code, finding.code))


def not_understood(finding: Finding, unit: str = "line") -> str:
    """Return one line on what was odd, and what to do about it; ``unit`` is what its number counts."""
    return _said(finding, unit, NOT_UNDERSTOOD.get(finding.code, finding.code))


def passed_over(code: str, count: int) -> str:
    """Return a sentence on what a file holds that was left out on purpose."""
    return f"{count} {PASSED_OVER.get(code, code)}."


def why(fault: ImportFault) -> str:
    """Return the sentence on a fault alone."""
    return REFUSED.get(fault.code, fault.code)


def refused(fault: ImportFault, text: str) -> str:
    """Return one line on why a file is refused; ``text`` is the line it is about ("" when it"
    " cannot be shown)."""
    return f"line {fault.line}{quote(text)}: {why(fault)}"


def _said(finding: Finding, unit: str, words: str) -> str:
    """What stands around a page was never counted, so it has no number."""
    place = f"{unit} {finding.line}{quote(finding.text)}" if finding.line else quote(finding.text).strip()
    return f"{place}: {words}"


def quote(text: str) -> str:
    """Return `` “text”``, short and harmless for a terminal; "" for nothing."""
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if not shown:
        return ""
    return f" “{shown}”" if len(shown) <= LONGEST_QUOTE else f" “{shown[: LONGEST_QUOTE - 1]}…”"
