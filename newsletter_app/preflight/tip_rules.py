"""What speaks against mailing a tip as it is written, as pure decisions; nothing is composed for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.notices import Notice
from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.tips import Tip, is_review_overdue, missing_to_publish

REVIEW_OVERDUE: Final = "review-overdue"
RIGHTS_WARNING: Final = timedelta(days=30)


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


def _split(codes: Sequence[str]) -> list[tuple[str, str]]:
    languages = {f"-{language}": language for language in LANGUAGES}
    return [(code, languages.get(code[-3:], "")) for code in codes]
