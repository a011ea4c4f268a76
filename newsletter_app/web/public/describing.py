"""A tip as machines read it: Open Graph (ogp.me) and schema.org facts for the page's head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from newsletter_app import media, tips
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.media import Image
from newsletter_app.tips import Tip, TipSide
from newsletter_app.web.database import session
from newsletter_app.web.feed_formats import moment
from newsletter_app.web.known import known
from newsletter_app.web.paths import absolute
from newsletter_app.web.public.cards import tip_url
from newsletter_app.web.public.cards import title as title_of
from newsletter_app.web.public.reading import picture_url
from newsletter_app.web.shell import organisation, today

LOCALES: Final[dict[Language, str]] = {"en": "en_CA", "fr": "fr_CA"}


@dataclass(frozen=True, slots=True)
class Description:
    """What stands in the head of a tip's page. ``canonical`` is where its words are at home."""

    canonical: str
    alternates: dict[Language, str]
    open_graph: tuple[tuple[str, str], ...]
    schema: dict[str, Any]


def describe(tip: Tip, side: TipSide) -> Description:
    """Describe a tip by the side that its page shows, which may stand in for one not written yet."""
    written = [as_language(one.language) for one in tip.sides]
    urls = {language: _url(tip, tips.shown_side(tip, language)) for language in sorted(written)}
    canonical = urls[as_language(side.language)]
    image = media.find(session(), tips.picture_of(tip, today()))
    return Description(
        canonical=canonical,
        alternates=urls if len(urls) > 1 else {},
        open_graph=tuple(_open_graph(tip, side, canonical, image)),
        schema=_schema(tip, side, canonical, image),
    )


def _url(tip: Tip, side: TipSide) -> str:
    return absolute(tip_url(tip, side, as_language(side.language)))


def _open_graph(tip: Tip, side: TipSide, url: str, image: Image | None) -> list[tuple[str, str]]:
    facts = [
        ("og:type", "article"),
        ("og:url", url),
        ("og:title", title_of(tip, side)),
        ("og:description", tips.first_sentence(side.lead)),
        ("og:locale", LOCALES[as_language(side.language)]),
        ("og:site_name", _author(as_language(side.language))),
    ]
    if image is not None:
        facts += [("og:image", picture_url(image)), ("og:image:width", str(image.width))]
        facts += [("og:image:height", str(image.height)), ("og:image:alt", side.alt)]
    return [(name, content) for name, content in facts if content]


def _schema(tip: Tip, side: TipSide, url: str, image: Image | None) -> dict[str, Any]:
    """Return schema.org's facts: an Article, and a MedicalWebPage where the notice tells to ask a doctor."""
    author = {"@type": "Organization", "name": _author(as_language(side.language)), "url": absolute("/")}
    published = tip.published_at or side.updated_at
    facts = {
        "@context": "https://schema.org",
        "@type": ["Article", "MedicalWebPage"] if _is_medical(tip) else "Article",
        "headline": side.title,
        "description": tips.plain(side.lead),
        "inLanguage": side.language,
        "url": url,
        "mainEntityOfPage": url,
        "datePublished": moment(published),
        "dateModified": moment(max(published, side.updated_at)),
        "author": author,
        "publisher": author,
        "citation": [source.text for source in tips.numbered(tip, side).references],
        "image": picture_url(image) if image is not None else "",
    }
    return {name: fact for name, fact in (facts | _review(tip)).items() if fact}


def _review(tip: Tip) -> dict[str, Any]:
    if not (tip.reviewed_by and tip.reviewed_on and _is_medical(tip)):
        return {}
    reviewer = {"@type": "Person", "name": tip.reviewed_by}
    return {"reviewedBy": reviewer, "lastReviewed": tip.reviewed_on.isoformat()}


def _is_medical(tip: Tip) -> bool:
    return any(notice.id == tip.notice_id and notice.needs_disclaimer for notice in known().notices)


def _author(language: Language) -> str:
    owner = organisation()
    return owner.side(language).name if owner else ""
