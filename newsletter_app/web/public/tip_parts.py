"""What a page shows of one tip, as values: its words, picture, references, corrections and neighbours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from newsletter_app import media, tips
from newsletter_app.kernel import words
from newsletter_app.kernel.languages import Language, as_language, other
from newsletter_app.tips import Heading, Tip, TipSide, TopicView
from newsletter_app.web.database import session
from newsletter_app.web.public.cards import Card, rows
from newsletter_app.web.shell import time_zone, today

MANY_HEADINGS = 3
FURTHER = 3
# A reference whose link shows its address need not tell it again on paper.
_BARE = re.compile(r'<a (href="https?://(?:www\.)?([^"]+)">(?:https?://)?(?:www\.)?\2</a>)')


@dataclass(frozen=True, slots=True)
class Picture:
    """The tip's picture; ``alt`` is empty where it is decorative."""

    url: str
    srcset: str
    alt: str
    width: int
    height: int
    creator: str
    source: str
    source_url: str
    licence: str

    @property
    def credit(self) -> str:
        """Creator and licence on one line."""
        return ", ".join(text for text in (self.creator, self.licence) if text)


@dataclass(frozen=True, slots=True)
class Cited:
    """A reference in the list; ``mark`` is the id of its first citation, empty where none is made."""

    html: str
    mark: str


@dataclass(frozen=True, slots=True)
class Told:
    """A correction: on which day, what changed, and in which language that is told."""

    date: str
    note: str
    language: Language


@dataclass(frozen=True, slots=True)
class TipPage:
    """Everything the templates show of one tip; HTML fields were sanitised by the room."""

    id: int
    number: int | None
    title: str
    language: str
    minutes: int
    reviewer: str
    reviewed: str
    review_due: str
    corrections: tuple[Told, ...]
    lead: str
    body: str
    headings: tuple[Heading, ...]
    disclaimer: str
    references: tuple[Cited, ...]
    picture: Picture | None
    related: tuple[Card, ...]
    beside: tuple[Card, ...]
    topics: tuple[TopicView, ...]
    has_other_side: bool


def tip_page(found: Tip, side: TipSide, language: Language) -> TipPage:
    """Return what a page in ``language`` shows of ``side``, which may stand in for one not written yet."""
    shown = tips.numbered(found, side)
    count = len(shown.references)
    # Marks in the lead need ids of their own, but lead to the same list as the body's.
    lead = tips.inline_html(shown.lead, references=count, anchor="lead-").replace('"#lead-r', '"#r')
    body = tips.body_html(shown.body, references=count)
    heads = tips.headings(side.body)
    related, beside = _further(found, language)
    return TipPage(
        id=found.id,
        number=found.number,
        title=side.title,
        language=side.language,
        minutes=tips.minutes(side),
        reviewer=found.reviewed_by,
        reviewed=_month(found.reviewed_on, language),
        review_due=_month(found.review_due, language),
        corrections=_corrections(found, side, language),
        lead=lead,
        body=body,
        headings=tuple(heads) if len(heads) >= MANY_HEADINGS else (),
        disclaimer=tips.body_html(side.disclaimer, references=0, anchor="d-"),
        references=tuple(
            Cited(_on_paper(tips.reference_html(source)), _first_mark(number, lead, body))
            for number, source in enumerate(shown.references, start=1)
        ),
        picture=_picture(found, side),
        related=tuple(related),
        beside=tuple(beside),
        topics=tuple(tips.topics_of(session(), found.id, language)),
        has_other_side=found.side(other(as_language(side.language))) is not None,
    )


def _on_paper(reference: str) -> str:
    return _BARE.sub(r'<a class="bare" \1', reference)


def _further(found: Tip, language: Language) -> tuple[list[Card], list[Card]]:
    """Return what stands under "Food for thought…", and the tips before and after where that is not they.

    The editor's choice is the former; without one the neighbours by number stand in for it, or the notice's
    newest where it has no numbers.
    """
    near = rows(one for one in tips.beside(session(), found.number, language) if one is not None)
    chosen = rows(tips.chosen(session(), found.id, language))
    if not chosen and found.number is None:
        newest = tips.listed(session(), language, notice_id=found.notice_id, limit=FURTHER)
        chosen = rows(one for one in newest if one.tip_id != found.id)
    if not chosen:
        return near, []
    return chosen, [] if {card.url for card in near} <= {card.url for card in chosen} else near


def told_since(found: Tip, at: datetime, language: Language) -> list[str]:
    """Return what was told of a tip at that moment and later, the newest first: why it was taken back."""
    told = tips.corrections_of(session(), found.id)
    return [one.note(language) for one in told if one.corrected_at >= at]


def _corrections(found: Tip, side: TipSide, language: Language) -> tuple[Told, ...]:
    """Return what was corrected of the side that is shown, in the page's language where it was told so."""
    return tuple(
        Told(words.full_date(one.corrected_at, time_zone(), language), one.note_in(told_in), told_in)
        for one in tips.corrections_of(session(), found.id)
        for told_in in [language if one.note_in(language) else as_language(side.language)]
        if one.note_in(told_in)
    )


def _first_mark(number: int, lead: str, body: str) -> str:
    for mark, text in ((f"lead-c{number}", lead), (f"c{number}", body)):
        if f'id="{mark}"' in text:
            return mark
    return ""


def _month(day: date | None, language: Language) -> str:
    return f"{words.MONTHS[language][day.month - 1]} {day.year}" if day else ""


def _file_url(name: str) -> str:
    return url_for("public.show_media", name=name)


def _picture(found: Tip, side: TipSide) -> Picture | None:
    image = media.find(session(), tips.picture_of(found, today()))
    if image is None:
        return None
    return Picture(
        url=_file_url(image.name),
        srcset=", ".join(f"{_file_url(file)} {width}w" for width, file in media.files(image).items()),
        alt="" if found.image_decorative else side.alt,
        width=image.width,
        height=image.height,
        creator=found.image_creator,
        source=found.image_source,
        source_url=found.image_source_url,
        licence=found.image_licence,
    )
