"""The organisation: who sends, in both languages, and when; says what the law still misses."""

from __future__ import annotations

from newsletter_app.organisation.colours import Pair, Palette, contrast, pairs, palette
from newsletter_app.organisation.models import CadenceSlot, Organisation, OrganisationSide
from newsletter_app.organisation.queries import (
    OrganisationView,
    OrganisationWords,
    local_day,
    view,
    zone_of,
)
from newsletter_app.organisation.rules import missing_identification
from newsletter_app.organisation.service import (
    COLOURS,
    FACTS,
    WORDS,
    find,
    get,
    let_writer_approve,
    palette_of,
    set_facts,
    set_review,
    set_slot,
    set_words,
    slot,
    writer_may_approve,
)

__all__ = [
    "COLOURS",
    "FACTS",
    "WORDS",
    "CadenceSlot",
    "Organisation",
    "OrganisationSide",
    "OrganisationView",
    "OrganisationWords",
    "Pair",
    "Palette",
    "contrast",
    "find",
    "get",
    "let_writer_approve",
    "local_day",
    "missing_identification",
    "pairs",
    "palette",
    "palette_of",
    "set_facts",
    "set_review",
    "set_slot",
    "set_words",
    "slot",
    "view",
    "writer_may_approve",
    "zone_of",
]
