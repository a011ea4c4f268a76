"""What speaks against mailing, as pure decisions; a finding blocks or warns, and never has words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from typing import Final

from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.mail import Content, mark
from newsletter_app.mail.encoding import clean_body, quote
from newsletter_app.notices import Notice
from newsletter_app.organisation import OrganisationSide
from newsletter_app.tips import Tip, is_review_overdue, missing_to_publish

BLOCKS: Final = "blocks"
WARNS: Final = "warns"
REVIEW_OVERDUE: Final = "review-overdue"

# Gmail cuts a mail at about 102 KB, and the stop button with it (M53).
HTML_LIMIT: Final = 102 * 1024
HTML_WARNING: Final = 80 * 1024
RIGHTS_WARNING: Final = timedelta(days=30)
STOP: Final = mark("stop_url")
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code, whether it blocks or warns, and where (a language, a part)."""

    code: str
    level: str
    where: str = ""


def tip_findings(tip: Tip, notice: Notice, today: date) -> list[Finding]:
    """Return what a tip lacks for a mail: its parts, a picture's words (A10), a language, a review."""
    found = [
        Finding(code.removesuffix(f"-{language}"), BLOCKS, language)
        for code, language in _split(missing_to_publish(tip, notice))
    ]
    if tip.withdrawn_at is not None:
        found.append(Finding("tip-withdrawn", BLOCKS))
    if is_review_overdue(tip, today):
        found.append(Finding(REVIEW_OVERDUE, BLOCKS))
    found += [
        Finding("side-missing", WARNS, language) for language in LANGUAGES if tip.side(language) is None
    ]
    return found


def picture_findings(tip: Tip, day: date) -> list[Finding]:
    """Return whether the rights to the tip's picture have ended by ``day``, or are about to; none blocks.

    The mail and the page go without the picture then.
    """
    until = tip.image_rights_until
    if tip.image_id is None or until is None or until > day + RIGHTS_WARNING:
        return []
    code = "picture-rights-ended" if until < day else "picture-rights-end"
    return [Finding(code, WARNS, until.isoformat())]


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


def _split(codes: Sequence[str]) -> list[tuple[str, str]]:
    languages = {f"-{language}": language for language in LANGUAGES}
    return [(code, languages.get(code[-3:], "")) for code in codes]
