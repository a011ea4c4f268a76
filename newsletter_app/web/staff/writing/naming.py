"""What the desk calls things: a tip, its stage, its parts, its fields, and what a room refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

from newsletter_app.kernel.errors import Breach
from newsletter_app.tips import Tip, writing
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _

STAGES: Final[Mapping[str, LazyString]] = {
    "draft": lazy_gettext("Draft"),
    "in-review": lazy_gettext("In review"),
    "approved": lazy_gettext("Approved"),
    "published": lazy_gettext("Published"),
}
STEPS: Final[Mapping[str, LazyString]] = {
    "asked": lazy_gettext("Approval asked for"),
    "given-back": lazy_gettext("Given back"),
    "approved": lazy_gettext("Approved"),
    "changed": lazy_gettext("Changed afterwards"),
}
PARTS: Final[Mapping[str, LazyString]] = {
    "en": lazy_gettext("English"),
    "fr": lazy_gettext("French"),
    "about": lazy_gettext("Picture and references"),
}
FIELDS: Final[Mapping[str, LazyString]] = {
    "title": lazy_gettext("Title"),
    "lead": lazy_gettext("Lead"),
    "body": lazy_gettext("Text"),
    "disclaimer": lazy_gettext("Disclaimer"),
    "alt": lazy_gettext("What the picture shows"),
    "image_id": lazy_gettext("Picture"),
    "image_decorative": lazy_gettext("Decoration only"),
    "image_creator": lazy_gettext("Made by"),
    "image_source": lazy_gettext("Source"),
    "image_source_url": lazy_gettext("Address of the source"),
    "image_licence": lazy_gettext("Licence"),
    "image_rights_until": lazy_gettext("Last day it may be shown"),
    "references": lazy_gettext("References"),
}
REFUSED: Final[Mapping[str, LazyString]] = {
    "comment-missing": lazy_gettext("Say in 1 to %(limit)s letters what is to be done."),
    "day-unreadable": lazy_gettext("Write the day as 2026-03-31."),
    "image-too-large": lazy_gettext("The picture has more than 15 MB. Save it smaller."),
    "image-too-many-pixels": lazy_gettext("The picture has more than 40 million dots. Save it smaller."),
    "image-unreadable": lazy_gettext(
        "This is no whole PNG, JPEG, GIF or WebP picture. Save it as one of these."
    ),
    "reference-cited": lazy_gettext(
        "The text cites reference %(number)s. Take its mark out of both sides first."
    ),
    "reference-length": lazy_gettext("Write the reference in 1 to %(limit)s letters."),
    "reference-there": lazy_gettext("This source is there already: it is reference %(number)s."),
    "reference-unknown": lazy_gettext("This reference is not there any more."),
    "references-many": lazy_gettext("Add at most %(limit)s references at once."),
    "stage-wrong": lazy_gettext("Somebody must ask for its approval first."),
    "text-too-long": lazy_gettext("This is too long. It may have %(limit)s letters."),
    "tip-not-approved": lazy_gettext("Nobody has approved the tip as it is now."),
    "tip-number-missing": lazy_gettext("Give the tip a number from 1 to 99999."),
    "tip-number-taken": lazy_gettext("There is a tip %(number)s already. Give another number."),
    "web-address-unreadable": lazy_gettext("Begin the web address with https://"),
    "writer-approves": lazy_gettext("You wrote this tip, so somebody else must approve it."),
}


def refusal(breach: Breach) -> str:
    """Return what a page says of a breach; one without words is a fault of ours and raised again."""
    words = REFUSED.get(breach.code)
    if words is None:
        raise breach
    return str(words) % breach.facts


def name_of(tip: Tip) -> str:
    """Return what a tip is called: "Tip 24", its title where it has no number, or that it has neither yet."""
    if tip.number is not None:
        return _("Tip %(number)s", number=tip.number)
    return title_of(tip) or _("Tip without a title")


def title_of(tip: Tip) -> str:
    """Return its title as it is written, in the page's language where that is there."""
    first = current_language()
    texts = (
        writing.side_written(session(), tip, language) for language in (first, *PARTS) if language != "about"
    )
    return next((text.title for text in texts if text.title), "")


def stage_of(tip: Tip) -> str:
    """Return where a tip stands, in one word or two."""
    if tip.withdrawn_at is not None:
        return _("Withdrawn")
    if not writing.is_held_back(tip):
        return str(STAGES[tip.stage])
    return str(STAGES["published"])
