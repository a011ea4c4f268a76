"""A tip as one row of a list: number, title, address, language; it never shows what is not on the web."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter_app import tips
from newsletter_app.kernel.languages import Language
from newsletter_app.tips import Listed, Tip, TipSide
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import page_url
from newsletter_app.web.phrases import gettext as _


@dataclass(frozen=True, slots=True)
class Card:
    """One row."""

    number: int | None
    title: str
    language: str
    url: str
    lead: str

    @property
    def first_sentence(self) -> str:
        """The lead's first sentence, without marks."""
        return tips.first_sentence(self.lead)


def rows(found: Iterable[Listed]) -> list[Card]:
    """Return the rows of a list, each with an address in the language of the present page."""
    return [
        Card(one.number, one.title, one.language, _place(tips.name(one.number, one.slug)), one.lead)
        for one in found
    ]


def card(tip: Tip) -> Card:
    """Return the row for a tip, which has at least one side."""
    side = tips.shown_side(tip, current_language())
    return Card(tip.number, side.title, side.language, tip_url(tip, side), side.lead)


def tip_url(tip: Tip, side: TipSide, language: Language | None = None) -> str:
    """Return the page's address in ``language`` (default: the present page's), with the side's own slug."""
    return _place(name_of(tip, side), language)


def title(tip: Tip, side: TipSide) -> str:
    """Return what a tip is called where its number is not shown beside it."""
    if tip.number is None:
        return side.title
    return _("Tip %(number)s: %(title)s", number=tip.number, title=side.title)


def name_of(tip: Tip, side: TipSide) -> str:
    """Return the last part of a tip's address: ``24-slug``, or ``slug`` where it has no number."""
    return tips.name(tip.number, side.slug)


def _place(name: str, language: Language | None = None) -> str:
    return page_url("tip", language, name=name)
