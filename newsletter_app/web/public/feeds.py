"""A notice's newest tips as a feed in each language, for programs that look by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from newsletter_app import media, tips
from newsletter_app.media import Image
from newsletter_app.notices import NoticeView
from newsletter_app.tips import Tip, TipSide
from newsletter_app.web.database import session
from newsletter_app.web.feed_formats import Entry, Feed, atom, json_feed
from newsletter_app.web.known import known
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import absolute, bilingual, page_url
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import tip_url
from newsletter_app.web.public.cards import title as title_of
from newsletter_app.web.public.reading import picture_url
from newsletter_app.web.shell import organisation, today

NEWEST: Final = 20
BEGAN: Final = datetime(2000, 1, 1, tzinfo=UTC)  # Of a feed in which nothing stands yet.


class Link(NamedTuple):
    """A feed as a page names it."""

    name: str
    url: str
    json_url: str


@bilingual(blueprint, "atom_feed")
def atom_feed(key: str) -> ResponseReturnValue:
    """Give a notice's newest tips as Atom."""
    return _answer(key, "atom_feed", atom, "application/atom+xml")


@bilingual(blueprint, "json_feed")
def json_feed_of(key: str) -> ResponseReturnValue:
    """Give a notice's newest tips as JSON Feed."""
    return _answer(key, "json_feed", json_feed, "application/feed+json")


def feeds_of(notice_id: int | None = None) -> list[Link]:
    """Return the feeds of the notices on offer, or of one, in the language of the present page."""
    chosen = [one for one in known().offered if notice_id in (None, one.id)]
    language = current_language()
    return [
        Link(
            one.side(language).name,
            page_url("atom_feed", key=one.key),
            page_url("json_feed", key=one.key),
        )
        for one in chosen
    ]


def _answer(key: str, page: str, write: Callable[[Feed], bytes], mimetype: str) -> Response:
    notice = next((one for one in known().offered if one.key == key), None)
    if notice is None:
        abort(404)
    return Response(write(_feed(notice, page)), mimetype=mimetype)


def _feed(notice: NoticeView, page: str) -> Feed:
    language, owner = current_language(), organisation()
    words = notice.side(language)
    author = owner.side(language).name if owner else ""
    found = tips.published(session(), notice_id=notice.id, limit=NEWEST)
    sides = [(tip, side) for tip in found if (side := tip.side(language)) is not None]
    shown = {tip.id: tips.picture_of(tip, today()) for tip, _ in sides}
    images = media.find_all(session(), shown.values())
    return Feed(
        title=f"{words.name} – {author}" if author else words.name,
        subtitle=words.sentence,
        language=language,
        author=author or words.name,
        home_url=absolute(page_url("library")),
        own_url=absolute(page_url(page, key=notice.key)),
        began=BEGAN,
        entries=tuple(_entry(tip, side, images.get(shown[tip.id] or 0)) for tip, side in sides),
    )


def _entry(tip: Tip, side: TipSide, image: Image | None) -> Entry:
    published = tip.published_at or side.updated_at
    picture = picture_url(image) if image is not None else ""
    return Entry(
        id=_permanent_id(tip, side),
        url=absolute(tip_url(tip, side)),
        title=title_of(tip, side),
        summary=tips.plain(side.lead),
        html=_html(tip, side, picture),
        published=published,
        updated=max(published, side.updated_at),
        image_url=picture,
    )


def _permanent_id(tip: Tip, side: TipSide) -> str:
    """Return an id that outlives the tip's title and address (RFC 4151)."""
    host = urlsplit(absolute("")).hostname
    return f"tag:{host},{tip.created_at:%Y-%m-%d}:tip-{tip.id}-{side.language}"


def _html(tip: Tip, side: TipSide, picture: str) -> str:
    shown = tips.numbered(tip, side)
    count = len(shown.references)
    return render_template(
        "public/feed_entry.html",
        lead=tips.inline_html(shown.lead, references=count),
        picture=picture,
        alt="" if tip.image_decorative else side.alt,
        credit=", ".join(filter(None, (tip.image_creator, tip.image_source, tip.image_licence))),
        body=tips.body_html(shown.body, references=count),
        disclaimer=tips.body_html(side.disclaimer, references=0),
        references=[tips.reference_html(source) for source in shown.references],
    )
