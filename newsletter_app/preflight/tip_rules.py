"""What speaks against mailing a tip as it is written, as pure decisions; nothing is composed for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from newsletter_app.kernel.languages import LANGUAGES, Language, as_language, other
from newsletter_app.notices import Notice
from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.preflight.grade import school_year
from newsletter_app.tips import (
    Tip,
    TipSide,
    health,
    is_review_overdue,
    missing_to_publish,
    paragraphs,
    writing,
)

REVIEW_OVERDUE: Final = "review-overdue"
NOT_APPROVED: Final = "tip-not-approved"
RIGHTS_WARNING: Final = timedelta(days=30)
HARDEST_YEAR: Final = 7
SAME_SITTING: Final = timedelta(hours=1)
# Whoever writes has the checks looked at after each save, which changes one side.
SIDES_KEPT: Final = 16


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


def side_findings(tip: Tip, behind: Mapping[Language, bool]) -> list[Finding]:
    """Return what an editor may want to mend in the words: hard to read (A13), older than the other's.

    ``behind`` tells of which sides it is known whether the other one was changed since; of the others their
    dates must do.
    """
    found = []
    for side in tip.sides:
        year = _year(side.lead, side.body, as_language(side.language))
        if year is not None and year >= HARDEST_YEAR + 1:
            found.append(Finding("hard-to-read", WARNS, side.language, str(round(year))))
        language = as_language(side.language)
        its_other = tip.side(other(language))
        if its_other is not None and behind.get(language, _was_changed_since(its_other, side, behind)):
            found.append(Finding("side-older", WARNS, side.language, its_other.updated_at.date().isoformat()))
    return found


@lru_cache(maxsize=SIDES_KEPT)
def _year(lead: str, body: str, language: Language) -> float | None:
    return school_year(paragraphs(lead, body), language)


def approval_findings(tip: Tip, writer_may_approve: bool) -> list[Finding]:
    """Return whether a tip that is not on the web lacks the approval that the organisation wants."""
    lacks = not writer_may_approve and tip.stage != "approved" and not writing.is_held_back(tip)
    return [Finding(NOT_APPROVED, BLOCKS)] if lacks else []


def _was_changed_since(one: TipSide, its_other: TipSide, behind: Mapping[Language, bool]) -> bool:
    """Tell whether ``one`` was changed, not first written, well after its other side was: what is translated
    is always the younger, and one import saves both within moments.
    """
    if as_language(one.language) in behind:
        # It is known to be the translation, which was begun from the other one.
        return False
    return one.revision > 1 and one.updated_at - its_other.updated_at > SAME_SITTING


def source_findings(tip: Tip) -> list[Finding]:
    """Return the references whose links led nowhere when they were last tried (M57)."""
    dead = [each.reference for each in tip.citations if health(each.reference.check_found) == "dead"]
    return [Finding("source-gone", WARNS, "", source.url or source.text) for source in dead]


def _split(codes: Sequence[str]) -> list[tuple[str, str]]:
    languages = {f"-{language}": language for language in LANGUAGES}
    return [(code, languages.get(code[-3:], "")) for code in codes]
