"""A topic and the tips on the web that are about it; one that no tip is about has no page."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template
from flask.typing import ResponseReturnValue

from newsletter_app import tips
from newsletter_app.kernel.languages import LANGUAGES, Language, other
from newsletter_app.tips import Topic
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import absolute, bilingual, page_url
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import rows
from newsletter_app.web.public.paging import leaf


@bilingual(blueprint, "topic")
def topic(slug: str) -> ResponseReturnValue:
    """Show the tips about a topic, newest first; its name in the other language leads here, too."""
    language = current_language()
    found = tips.find_topic(session(), language, slug) or tips.find_topic(session(), other(language), slug)
    total = tips.count_listed(session(), topic_id=found.id) if found else 0
    if found is None or not total:
        abort(404)
    if slug != _side(found, language).slug:
        return redirect(_url(found, language), 301)
    page = leaf(total)
    listed = tips.listed(session(), language, topic_id=found.id, limit=page.size, offset=page.offset)
    given: dict[str, Any] = {"page": page.number} if page.before else {}
    return render_template(
        "public/shelf.html",
        heading=_side(found, language).name,
        rows=rows(listed),
        leaf=page,
        leaf_url=lambda number: _url(found, language, page=number),
        addresses={one: absolute(_url(found, one, **given)) for one in LANGUAGES},
        other_url=_url(found, other(language), **given),
        feeds=[],
    )


def _side(found: Topic, language: Language) -> Any:
    return next(side for side in found.sides if side.language == language)


def _url(found: Topic, language: Language, **given: Any) -> str:
    return page_url("topic", language, slug=_side(found, language).slug, **given)
