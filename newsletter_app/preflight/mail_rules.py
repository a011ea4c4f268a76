"""What speaks against a composed mail, as pure decisions: its size, its parts, and what the law asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise
from typing import Final

from newsletter_app.mail import Content, mark
from newsletter_app.mail.encoding import clean_body, quote
from newsletter_app.organisation import OrganisationSide
from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.preflight.mail_parts import MailParts

# Gmail cuts a mail at about 102 KB, and the stop button with it (M53).
LIMIT: Final = 102 * 1024
WARNING: Final = 80 * 1024
# Gmail leaves out every <style> once they have so many signs, and any that holds what it does not know (M54).
STYLE_LIMIT: Final = 8192
FORBIDDEN: Final = frozenset({"base", "embed", "form", "iframe", "link", "object", "script"})
SUBJECT_WARNING: Final = 70  # A phone shows half of that, a computer about as much.
MOST_CAPITALS: Final = 8  # "NATO" is no shouting.
WEIGHT_WARNING: Final = 300 * 1024
LEAST_SHARE: Final = 0.6  # The text part leaves out the words of some buttons, and no more.
STOP: Final = mark("stop_url")
_TAG: Final = re.compile(r"<[^>]*>")
_LEFTOVER: Final = re.compile(
    r"</?(?:a|b|br|div|em|h[1-6]|i|li|p|span|strong|table|td|tr|ul)\b[^>]*>|&(?:nbsp|amp|lt|gt|#\d+);"
)


def size_findings(part: str, content: str, where: str = "") -> list[Finding]:
    """Return what the size of a mail's ``part`` ("html", "text") says, as it is and as it travels (M53)."""
    octets = max(len(content.encode()), len(quote(clean_body(content))))
    if octets > LIMIT:
        return [Finding(f"{part}-too-big", BLOCKS, where)]
    return [Finding(f"{part}-big", WARNS, where)] if octets > WARNING else []


def style_findings(parts: MailParts, where: str = "") -> list[Finding]:
    """Return what mail programs would cut out of the HTML, and more with it (M54)."""
    found = [Finding("html-forbidden", BLOCKS, where, f"<{tag}>") for tag in sorted(parts.tags & FORBIDDEN)]
    if "@import" in parts.styles:
        found.append(Finding("html-forbidden", BLOCKS, where, "@import"))
    if len(parts.styles) >= STYLE_LIMIT:
        found.append(Finding("style-too-big", BLOCKS, where, str(len(parts.styles))))
    return found


def heading_findings(headings: Sequence[int], where: str = "") -> list[Finding]:
    """Return whether headings skip a level on the way down, or the first is none of the first level (A1)."""
    above = [0, *headings]
    skipped = [
        f"h{one} → h{next_}" if one else f"h{next_}" for one, next_ in pairwise(above) if next_ > one + 1
    ]
    return [Finding("headings-skip", WARNS, where, steps) for steps in skipped[:1]]


def subject_findings(subject: str, preheader: str, where: str = "") -> list[Finding]:
    """Return what readers and filters mind in a list of mails: the subject and what stands behind it."""
    letters = [sign for sign in subject if sign.isalpha()]
    found = []
    if len(subject) > SUBJECT_WARNING:
        found.append(Finding("subject-long", WARNS, where, str(len(subject))))
    if "!!" in subject or (len(letters) >= MOST_CAPITALS and all(sign.isupper() for sign in letters)):
        found.append(Finding("subject-shouts", WARNS, where))
    if not preheader.strip():
        found.append(Finding("preheader-missing", WARNS, where))
    elif _plain(preheader).casefold() == _plain(subject).casefold():
        found.append(Finding("preheader-repeats", WARNS, where))
    return found


def weight_findings(octets: int, where: str = "") -> list[Finding]:
    """Return whether the pictures of a mail keep a reader with a slow connection waiting."""
    heavy = octets > WEIGHT_WARNING
    return [Finding("pictures-heavy", WARNS, where, f"{octets // 1024} KB")] if heavy else []


def text_findings(text: str, parts: MailParts, where: str = "") -> list[Finding]:
    """Return what readers of the plain text would miss or stumble over (M7, A12)."""
    missing = [address for address, _ in parts.links if _is_web(address) and address not in text]
    found = [Finding("text-lacks-link", WARNS, where, address) for address in missing[:1]]
    if len(text.split()) < len(parts.words) * LEAST_SHARE:
        found.append(Finding("text-thin", WARNS, where))
    said = " ".join(parts.words)
    # What an author typed as it stands is seen in both parts.
    leftover = [sign for sign in _LEFTOVER.findall(text) if sign not in said]
    found += [Finding("text-holds-html", WARNS, where, sign) for sign in leftover[:1]]
    return found


def lawful_findings(content: Content, owner: OrganisationSide, where: str = "") -> list[Finding]:
    """Return what the law misses in either part of a mail whose template may be a notice's own (L7, L8)."""
    parts = (_plain(content.text), _plain(unescape(_TAG.sub(" ", content.html))))
    # In the HTML the mark stands in an address, and so in a tag.
    found = [] if all(STOP in part for part in (content.text, content.html)) else ["mail-without-stop"]
    lines = [_plain(line) for line in (owner.name, *owner.postal_address.splitlines())]
    if not all(line in part for part in parts for line in lines):
        found.append("mail-without-address")
    return [Finding(code, BLOCKS, where) for code in found]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))
