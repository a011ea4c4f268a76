"""Preflight: what must be right before a tip is mailed; it says what is wrong by code and mends nothing."""

from newsletter_app.preflight.rules import (
    BLOCKS,
    HTML_LIMIT,
    HTML_WARNING,
    REVIEW_OVERDUE,
    WARNS,
    Finding,
    lawful_findings,
    picture_findings,
    size_findings,
    tip_findings,
)
from newsletter_app.preflight.service import blocking_codes, check, check_content

__all__ = [
    "BLOCKS",
    "HTML_LIMIT",
    "HTML_WARNING",
    "REVIEW_OVERDUE",
    "WARNS",
    "Finding",
    "blocking_codes",
    "check",
    "check_content",
    "lawful_findings",
    "picture_findings",
    "size_findings",
    "tip_findings",
]
