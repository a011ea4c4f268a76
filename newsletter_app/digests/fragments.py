"""Fragments: one tip as it stands in a mail, in one language and layout; an edition is a list of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment

from newsletter_app import tips
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.mail import contains_mark, render_text
from newsletter_app.media import Image, fitted
from newsletter_app.tips import Tip, TipSide

LANGUAGE_TAGS: Final[Mapping[str, str]] = {"en": "en-CA", "fr": "fr-CA"}
# A column of 600 px, less its padding (layouts/mail.css).
COLUMN_PX: Final = 560
TEMPLATE: Final = "email/digest/fragment.html"
_HEADING: Final = re.compile(r"<(/?)h([1-6])\b")


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A tip rendered once: its HTML without the frame's styles, and the same as text.

    ``lead`` is plain text, without citations: a mail that only tells of the tip has no references.
    """

    tip_id: int
    label: str
    first_sentence: str
    anchor: str
    html: str
    text: str
    url: str
    lead: str
    language_tag: str


def anchor_of(tip: Tip) -> str:
    """Return what begins every anchor of the tip, so that several tips can stand in one mail."""
    return f"t{tip.number}" if tip.number is not None else f"u{tip.id}"


def label_of(tip: Tip, side: TipSide, environment: Environment) -> str:
    """Return "Tip 24: Get regular exercise", or the bare title where there is no number."""
    if tip.number is None:
        return side.title
    module: Any = environment.get_template("email/digest/words.txt").module
    label: str = module.label(tip.number, side.title)
    return label


def render_fragment(
    tip: Tip,
    image: Image | None,
    *,
    environment: Environment,
    language: Language,
    layout: str,
    public_url: str,
    related: Sequence[Link],
    depth: int = 0,
) -> Fragment:
    """Render a tip for readers of ``language``; a side that is not written yet is stood in for by the other.

    Its title is a heading of the first level, or ``depth`` levels below where several tips share a mail.
    Raises Breach ``tip-holds-mark`` when any of it would be taken for a place to fill in.
    """
    side = tips.shown_side(tip, language)
    anchor = anchor_of(tip)
    words = {
        "tip": tip,
        "side": side,
        "side_tag": LANGUAGE_TAGS[side.language],
        "is_foreign": side.language != language,
        "anchor": anchor,
        "layout": layout,
        **_texts(tip, side, anchor),
        "has_picture": image is not None and layout != "text",
        "image": _picture(tip, side, image, public_url) if layout != "text" else None,
        "credit": ", ".join(filter(None, (tip.image_creator, tip.image_source, tip.image_licence))),
        "related": related,
        "url": public_url + tips.path(tip, side),
    }
    template = environment.get_template(TEMPLATE)
    html = lowered(template.render(words), depth)
    text = render_text(lowered(template.render(words | {"image": None, "as_text": True}), depth))
    fragment = Fragment(
        tip_id=tip.id,
        label=label_of(tip, side, environment),
        first_sentence=tips.first_sentence(side.lead),
        anchor=anchor,
        html=html,
        text=text,
        url=public_url + tips.path(tip, side, language),
        lead=tips.plain(side.lead),
        language_tag=LANGUAGE_TAGS[side.language],
    )
    refuse_marks(fragment)
    return fragment


def lowered(html: str, depth: int) -> str:
    """Return sanitised HTML with its headings ``depth`` levels lower; a title stays above its sections."""
    return _HEADING.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + depth, 6)}", html)


def _texts(tip: Tip, side: TipSide, anchor: str) -> dict[str, Any]:
    """Return what its author wrote as HTML, every id beginning with ``anchor``."""
    shown = tips.numbered(tip, side)
    count = len(shown.references)
    return {
        "lead": tips.inline_html(shown.lead, references=count, anchor=anchor),
        # The body's citation ids must differ from the lead's, which may cite the same source.
        "body": tips.body_html(shown.body, references=count, anchor=anchor),
        "disclaimer": tips.body_html(side.disclaimer, references=0, anchor=f"{anchor}d"),
        "references": [tips.reference_html(reference) for reference in shown.references],
    }


def refuse_marks(fragment: Fragment) -> None:
    """Raise Breach when what is mailed of a tip holds what would be taken for a place to fill in (S14).

    A fragment has no such place of its own. What it became is looked at and not what was typed: a mark can be
    parted by Markdown, or stand in a reference's DOI or in the title of a related tip.
    """
    parts = (fragment.label, fragment.first_sentence, fragment.html, fragment.text, fragment.lead)
    if any(contains_mark(part) for part in parts):
        raise Breach("tip-holds-mark", tip=fragment.tip_id)


def _picture(tip: Tip, side: TipSide, image: Image | None, public_url: str) -> dict[str, Any] | None:
    if image is None:
        return None
    alt = "" if tip.image_decorative else side.alt
    file, width, height = fitted(image, COLUMN_PX)
    return {"url": f"{public_url}/media/{file}", "alt": alt, "width": width, "height": height}
