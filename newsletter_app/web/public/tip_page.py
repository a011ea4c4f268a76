"""One tip as a page: its side in the reader's language, else the other one, else why it is not there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import media, tips
from newsletter_app.kernel import words
from newsletter_app.kernel.languages import Language, as_language, other
from newsletter_app.tips import Heading, Tip, TipSide
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import absolute, bilingual, page_url
from newsletter_app.web.ports import ports
from newsletter_app.web.public import library, signup_form
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import Card, cards, name_of, tip_url, title
from newsletter_app.web.public.describing import describe
from newsletter_app.web.public.feeds import feeds_of
from newsletter_app.web.shell import time_zone, today

MANY_HEADINGS = 3
_NAME = re.compile(r"(\d{1,9})(?:-.*)?", re.ASCII)


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
class TipPage:
    """Everything the template shows of one tip; HTML fields were sanitised by the room."""

    number: int | None
    title: str
    language: str
    minutes: int
    reviewer: str
    reviewed: str
    lead: str
    body: str
    headings: tuple[Heading, ...]
    disclaimer: str
    references: tuple[Cited, ...]
    picture: Picture | None
    related: tuple[Card, ...]
    has_other_side: bool


@bilingual(blueprint, "tip")
def tip(name: str) -> ResponseReturnValue:
    """Show a tip; another spelling of its address leads to the right one."""
    found = _find(name)
    if found is None or not library.is_public(found):
        return library.not_found()
    language = current_language()
    side = tips.shown_side(found, language)
    if name != name_of(found, side):
        return redirect(tip_url(found, side), 301)
    other_url = tip_url(found, tips.shown_side(found, other(language)), other(language))
    if found.withdrawn_at is not None:
        since = words.full_date(found.withdrawn_at, time_zone(), language)
        gone = render_template("public/tip_withdrawn.html", tip=found, since=since, other_url=other_url)
        return gone, 410
    form = signup_form.page(signup_form.offered(found.notice_id)) if signup_form.is_open() else None
    page, printed = _page(found, side, language), _short_address(found)
    return render_template(
        "public/tip.html",
        tip=page,
        form=form,
        other_url=other_url,
        short_address=printed,
        share_url=_share_url(found, side),
        description=describe(found, side),
        feeds=feeds_of(found.notice_id),
    )


def _find(name: str) -> Tip | None:
    numbered = _NAME.fullmatch(name)
    if numbered:
        return tips.find_by_number(session(), int(numbered[1]))
    language = current_language()
    return tips.find_by_slug(session(), language, name) or tips.find_by_slug(session(), other(language), name)


def _page(found: Tip, side: TipSide, language: Language) -> TipPage:
    sources = tips.references_of(found)
    count = len(sources)
    # Marks in the lead need ids of their own, but lead to the same list as the body's.
    lead = tips.inline_html(side.lead, references=count, anchor="lead-").replace('"#lead-r', '"#r')
    body = tips.body_html(side.body, references=count)
    heads = tips.headings(side.body)
    return TipPage(
        number=found.number,
        title=side.title,
        language=side.language,
        minutes=tips.minutes(side),
        reviewer=found.reviewed_by,
        reviewed=_month(found, language),
        lead=lead,
        body=body,
        headings=tuple(heads) if len(heads) >= MANY_HEADINGS else (),
        disclaimer=tips.body_html(side.disclaimer, references=0, anchor="d-"),
        references=tuple(
            Cited(tips.reference_html(source), _first_mark(number, lead, body))
            for number, source in enumerate(sources, start=1)
        ),
        picture=_picture(found, side),
        related=tuple(cards(tips.related(session(), found))),
        has_other_side=found.side(other(as_language(side.language))) is not None,
    )


def _short_address(found: Tip) -> str:
    """Return what is short enough to be printed and typed: ``tips.example.ca/24``."""
    if found.number is None:
        return ""
    host = urlsplit(ports().settings.public_url).netloc
    return host + page_url("short", number=found.number)


def _share_url(found: Tip, side: TipSide) -> str:
    """Return what opens a mail to a friend, with the tip's address in it (RFC 6068)."""
    path = page_url("short", number=found.number) if found.number is not None else tip_url(found, side)
    return f"mailto:?subject={quote(title(found, side))}&body={quote(absolute(path))}"


def _first_mark(number: int, lead: str, body: str) -> str:
    for mark, text in ((f"lead-c{number}", lead), (f"c{number}", body)):
        if f'id="{mark}"' in text:
            return mark
    return ""


def _month(found: Tip, language: Language) -> str:
    if found.reviewed_on is None:
        return ""
    return f"{words.MONTHS[language][found.reviewed_on.month - 1]} {found.reviewed_on.year}"


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
