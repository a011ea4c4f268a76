"""Feedback reports (ARF, RFC 5965; RFC 6591): what a reader's mail program sent when "spam" was pressed."""

from __future__ import annotations

from typing import Final

from newsletter_app.feedback.reading.fields import Fields
from newsletter_app.feedback.reading.parts import Part

TYPE: Final = "message/feedback-report"

# Nobody pressed anything: a check failed, a scanner spoke, or a reader said that it is no spam.
NO_COMPLAINT: Final = frozenset({"auth-failure", "not-spam", "virus", "dmarc"})
# In these fields a provider may leave our own token although it blots out the reader (RFC 6590).
TELLING: Final = ("original-mail-from", "original-rcpt-to", "original-envelope-id", "removal-recipient")


def report_in(parts: list[Part]) -> Fields | None:
    """Return the fields of the feedback report, None where there is none."""
    return next((Fields(part.text) for part in parts if part.type == TYPE and not part.returned), None)


def feedback_type(report: Fields) -> str:
    """Return the type; a report without one, or of one nobody registered, is as good as "other"."""
    return report.token("feedback-type")[:40] or "other"


def is_complaint(report: Fields) -> bool:
    """Whether a person complained (RFC 5965 3.1, 7.3); what is unknown counts as a complaint."""
    return feedback_type(report) not in NO_COMPLAINT
