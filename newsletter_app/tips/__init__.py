"""Tips: content with sides, references, image and relations; onto the web and into streams."""

from __future__ import annotations

from newsletter_app.tips.citing import bibtex, csl
from newsletter_app.tips.library import address_of
from newsletter_app.tips.models import Publication, Reference, Tip, TipReference, TipRelation, TipSide
from newsletter_app.tips.queries import (
    Cited,
    Place,
    all_tips,
    cited,
    find,
    find_by_number,
    find_by_slug,
    latest,
    neighbours,
    notice_ids_of,
    places,
    published,
    references_of,
    related,
)
from newsletter_app.tips.reading import (
    Finding,
    ImageDraft,
    ImportFault,
    Reading,
    ReferenceDraft,
    TipDraft,
    Unreadable,
    read_file,
)
from newsletter_app.tips.rendering import (
    Heading,
    body_html,
    first_sentence,
    headings,
    inline_html,
    minutes,
    plain,
    reference_html,
)
from newsletter_app.tips.rules import missing_to_publish, name, path, path_of, shown_side
from newsletter_app.tips.saving import Saved, relate, save_draft
from newsletter_app.tips.service import publish, send_into, withdraw

__all__ = [
    "Cited",
    "Finding",
    "Heading",
    "ImageDraft",
    "ImportFault",
    "Place",
    "Publication",
    "Reading",
    "Reference",
    "ReferenceDraft",
    "Saved",
    "Tip",
    "TipDraft",
    "TipReference",
    "TipRelation",
    "TipSide",
    "Unreadable",
    "address_of",
    "all_tips",
    "bibtex",
    "body_html",
    "cited",
    "csl",
    "find",
    "find_by_number",
    "find_by_slug",
    "first_sentence",
    "headings",
    "inline_html",
    "latest",
    "minutes",
    "missing_to_publish",
    "name",
    "neighbours",
    "notice_ids_of",
    "path",
    "path_of",
    "places",
    "plain",
    "publish",
    "published",
    "read_file",
    "reference_html",
    "references_of",
    "relate",
    "related",
    "save_draft",
    "send_into",
    "shown_side",
    "withdraw",
]
