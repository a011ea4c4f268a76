"""What speaks against a composed mail, as pure decisions: its size, and what the law asks of it."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from newsletter_app.mail import Content, mark
from newsletter_app.mail.encoding import clean_body, quote
from newsletter_app.organisation import OrganisationSide
from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding

# Gmail cuts a mail at about 102 KB, and the stop button with it (M53).
HTML_LIMIT: Final = 102 * 1024
HTML_WARNING: Final = 80 * 1024
STOP: Final = mark("stop_url")
_TAG: Final = re.compile(r"<[^>]*>")


def size_findings(html: str, where: str = "") -> list[Finding]:
    """Return what the size of a mail's HTML says, as it is and as it travels (M53)."""
    octets = max(len(html.encode()), len(quote(clean_body(html))))
    if octets > HTML_LIMIT:
        return [Finding("html-too-big", BLOCKS, where)]
    return [Finding("html-big", WARNS, where)] if octets > HTML_WARNING else []


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
