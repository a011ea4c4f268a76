"""What search engines read first: the list of all addresses (sitemaps.org) and robots.txt (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple
from xml.etree import ElementTree

from flask import Response, request, url_for

from newsletter_app import tips
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.tips import Place
from newsletter_app.web.database import session
from newsletter_app.web.feed_formats import moment, xml
from newsletter_app.web.freshness import KEPT_S
from newsletter_app.web.paths import absolute, page_url
from newsletter_app.web.ports import ports
from newsletter_app.web.public.blueprint import blueprint

SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML: Final = "http://www.w3.org/1999/xhtml"
MOST: Final = 50_000  # Addresses in one list, says its protocol.
PAGES: Final = ("home", "library", "subscribe", "privacy")
# Nothing there is for a search engine; links behind a token are known to their readers only.
CLOSED: Final = ("/outbox", "/healthz", "/text-size")


class Spot(NamedTuple):
    """A page: its address in each language it is written in, and when it last changed if that is known."""

    urls: Mapping[Language, str]
    changed: datetime | None = None


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Give every page that anybody may find, each with its other side."""
    spots = [Spot({each: absolute(page_url(page, each)) for each in LANGUAGES}) for page in PAGES]
    return Response(sitemap_octets([*spots, *_topics(), *_tips()]), mimetype="application/xml")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Say where the list is; a try-out is closed to all."""
    closed = ["/"] if ports().settings.is_tryout else CLOSED
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines += ["", f"Sitemap: {absolute(url_for('public.sitemap'))}", ""]
    answer = Response("\n".join(lines), mimetype="text/plain")
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def sitemap_octets(spots: Iterable[Spot]) -> bytes:
    """Return the list, each language's address with a link to the other's; 50,000 addresses at most."""
    ElementTree.register_namespace("", SITEMAP)
    ElementTree.register_namespace("xhtml", XHTML)
    root = ElementTree.Element(f"{{{SITEMAP}}}urlset")
    for spot in spots:
        for url in spot.urls.values():
            if len(root) < MOST:
                _add(root, url, spot)
    return xml(root)


def _add(root: ElementTree.Element, url: str, spot: Spot) -> None:
    element = ElementTree.SubElement(root, f"{{{SITEMAP}}}url")
    ElementTree.SubElement(element, f"{{{SITEMAP}}}loc").text = url
    if spot.changed is not None:
        ElementTree.SubElement(element, f"{{{SITEMAP}}}lastmod").text = moment(spot.changed)
    for language, other_url in spot.urls.items() if len(spot.urls) > 1 else ():
        attributes = {"rel": "alternate", "hreflang": language, "href": other_url}
        ElementTree.SubElement(element, f"{{{XHTML}}}link", attributes)


def _tips() -> Iterable[Spot]:
    for _tip_id, sides in groupby(tips.places(session()), lambda place: place.tip_id):
        found = list(sides)
        changed = max(max(place.updated_at, place.published_at or place.updated_at) for place in found)
        yield Spot({as_language(place.language): _url(place) for place in found}, changed)


def _topics() -> Iterable[Spot]:
    """Yield the topics' pages; each topic has a name, and so an address, in both languages."""
    named = {each: {one.id: one.slug for one in tips.topics_shown(session(), each)} for each in LANGUAGES}
    for topic_id in sorted(named[LANGUAGES[0]]):
        slugs = {each: named[each][topic_id] for each in LANGUAGES}
        yield Spot({each: absolute(page_url("topic", each, slug=slug)) for each, slug in slugs.items()})


def _url(place: Place) -> str:
    return absolute(tips.path_of(place.number, place.slug, as_language(place.language)))
