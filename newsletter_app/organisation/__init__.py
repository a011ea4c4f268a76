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
    ANOTHER,
    APPROVALS,
    ASKED,
    COLOURS,
    FACTS,
    FREE,
    WORDS,
    approval,
    find,
    get,
    palette_of,
    set_facts,
    set_slot,
    set_words,
    slot,
)

__all__ = [
    "ANOTHER",
    "APPROVALS",
    "ASKED",
    "COLOURS",
    "FACTS",
    "FREE",
    "WORDS",
    "CadenceSlot",
    "Organisation",
    "OrganisationSide",
    "OrganisationView",
    "OrganisationWords",
    "Pair",
    "Palette",
    "approval",
    "contrast",
    "find",
    "get",
    "local_day",
    "missing_identification",
    "pairs",
    "palette",
    "palette_of",
    "set_facts",
    "set_slot",
    "set_words",
    "slot",
    "view",
    "zone_of",
]
