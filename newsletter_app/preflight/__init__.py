"""Preflight: what must be right before a tip is mailed; it says what is wrong by code and mends nothing."""

from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.preflight.mail_rules import HTML_LIMIT, HTML_WARNING, lawful_findings, size_findings
from newsletter_app.preflight.service import blocking_codes, check, check_content
from newsletter_app.preflight.tip_rules import REVIEW_OVERDUE, picture_findings, tip_findings

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
