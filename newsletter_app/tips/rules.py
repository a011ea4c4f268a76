"""What a tip needs before it may be shown, which side a reader sees, and where it stands on the web."""

from __future__ import annotations

from datetime import date
from typing import Final

from newsletter_app.kernel.languages import Language, as_language, other
from newsletter_app.notices import Notice
from newsletter_app.tips.models import Tip, TipSide

FOLDERS: Final[dict[str, str]] = {"en": "/tips", "fr": "/fr/conseils"}


def path(tip: Tip, side: TipSide, language: Language | None = None) -> str:
    """Return the side's place on the web: ``/tips/24-slug``, ``/fr/conseils/24-slug``, ``/tips/slug``.

    ``language`` is the page's, where a side stands in for one that is not written yet.
    """
    return path_of(tip.number, side.slug, language or as_language(side.language))


def path_of(number: int | None, slug: str, language: Language) -> str:
    """Return what ``path`` does, of what is known of a side alone."""
    return f"{FOLDERS[language]}/{name(number, slug)}"


def name(number: int | None, slug: str) -> str:
    """Return the last part of a tip's address: ``24-slug``, or ``slug`` where it has no number."""
    return f"{number}-{slug}" if number is not None else slug


def shown_side(tip: Tip, language: Language) -> TipSide:
    """Return the side for a reader of ``language``, else the other one; every tip has at least one."""
    side = tip.side(language) or tip.side(other(language))
    if side is None:
        raise LookupError(f"tip {tip.id} has no side")
    return side


def is_review_overdue(tip: Tip, today: date) -> bool:
    """Tell whether the day by which the tip was to be checked again is over."""
    return tip.review_due is not None and tip.review_due < today


def picture_of(tip: Tip, day: date) -> int | None:
    """Return the id of the picture that may be shown with ``tip`` on ``day``, or None."""
    ended = tip.image_rights_until is not None and tip.image_rights_until < day
    return None if ended else tip.image_id


def missing_to_publish(tip: Tip, notice: Notice) -> tuple[str, ...]:
    """Return codes of what keeps ``tip`` off the web; empty when nothing does."""
    missing = [] if tip.sides else ["side"]
    if notice.numbered and tip.number is None:
        missing.append("number")
    if notice.needs_references and not tip.citations:
        missing.append("references")
    for side in tip.sides:
        missing += [f"title-{side.language}"] if not side.title.strip() else []
        missing += [f"lead-{side.language}"] if not side.lead.strip() else []
        if notice.needs_disclaimer and not side.disclaimer.strip():
            missing.append(f"disclaimer-{side.language}")
        if tip.image_id is not None and not tip.image_decorative and not side.alt.strip():
            missing.append(f"alt-{side.language}")
    return tuple(missing)
