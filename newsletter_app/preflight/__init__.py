"""Preflight: what must be right before a tip is mailed; it says what is wrong by code and mends nothing."""

from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.preflight.link_tries import COUNTS as TRY_COUNTS
from newsletter_app.preflight.link_tries import forget_tries, in_turn, keep_try, tries_of
from newsletter_app.preflight.models import Waiver
from newsletter_app.preflight.service import (
    blocking_codes,
    blocking_content,
    blocking_identity,
    check,
    preheader_of,
    specimens,
)
from newsletter_app.preflight.spam_rules import SpamScore
from newsletter_app.preflight.tip_rules import NOT_APPROVED, REVIEW_OVERDUE, picture_findings
from newsletter_app.preflight.tried_rules import UNTRIED
from newsletter_app.preflight.waiving import WAIVABLE, waive, waivers_of

__all__ = [
    "BLOCKS",
    "NOT_APPROVED",
    "REVIEW_OVERDUE",
    "TRY_COUNTS",
    "UNTRIED",
    "WAIVABLE",
    "WARNS",
    "Finding",
    "SpamScore",
    "Waiver",
    "blocking_codes",
    "blocking_content",
    "blocking_identity",
    "check",
    "forget_tries",
    "in_turn",
    "keep_try",
    "picture_findings",
    "preheader_of",
    "specimens",
    "tries_of",
    "waive",
    "waivers_of",
]
