"""What a provider tells of one mail in a form of its own, as the reading that a mail would have given.

The provider is proven by then (its signature, its password); whose mail it was is not.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter_app.feedback.reading import complaints
from newsletter_app.feedback.reading.fields import Fields
from newsletter_app.feedback.reading.marks import marks_of
from newsletter_app.feedback.reading.parts import Part
from newsletter_app.feedback.reading.shapes import Action, Failure, Reading, Shape
from newsletter_app.mail.refusals import Kind, Verdict, classify, codes_in

MAX_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """One event about one recipient.

    ``key`` is the provider's own id of it, the same whenever it is told again; ``raw`` the octets to keep.
    ``diagnosis`` is what a server said, with codes or without, ``status`` its enhanced code where that stands
    apart; ``is_temporary`` that the provider calls it so. ``complaint`` is the type of a complaint
    (RFC 5965 7.3), "" for a bounce. ``texts`` are where our own tokens may stand, as lines of a head:
    envelope sender, headers, the mail returned; ``message_ids`` what the provider knows the mail by, if it
    was we who named it.
    """

    key: str
    raw: bytes
    address: str
    diagnosis: str = ""
    status: str = ""
    is_temporary: bool = False
    complaint: str = ""
    texts: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()


def read_told(told: Told) -> Reading:
    """Return the reading; codes and words are judged by the table for all bounces. Total, like ``read``."""
    parts = [Part(Fields(text), "message/rfc822", text, 1) for text in told.texts]
    marks = marks_of(Fields(""), parts, ())
    if not told.complaint:
        return Reading(Shape.report, failures=(_failure(told),), marks=marks)
    harms = told.complaint not in complaints.NO_COMPLAINT
    shape = Shape.complaint if harms else Shape.feedback
    return Reading(shape, feedback_type=told.complaint[:40], marks=marks)


def _failure(told: Told) -> Failure:
    text = " ".join(told.diagnosis[:MAX_WORDS].split())
    kind, separator, rest = text.partition(";")
    # "smtp; 550 …" (RFC 3464 2.3.6)
    text = rest.strip() if separator and " " not in kind and "." not in kind else text
    code, enhanced = codes_in(text)
    enhanced = enhanced or told.status[:12] or None
    verdict = classify(code, enhanced, text)
    if told.is_temporary and verdict.kind is Kind.hard:
        verdict = Verdict(Kind.soft, verdict.reason)
    # Where no server said a word, it may have been anything, a holiday note too: that harms nobody.
    action = Action.failed if text or enhanced else Action.delayed
    return Failure(told.address.strip().lower()[:320], action, code, enhanced, text, verdict)
