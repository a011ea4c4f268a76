"""What a provider tells of one mail in a form of its own, as the reading that a mail would have given.

The provider is proven by then (its signature, its password); whose mail it was is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from newsletter_app.feedback.reading import complaints
from newsletter_app.feedback.reading.fields import Fields
from newsletter_app.feedback.reading.marks import marks_of
from newsletter_app.feedback.reading.parts import Part, take_apart
from newsletter_app.feedback.reading.shapes import Action, Failure, Reading, Shape
from newsletter_app.mail.refusals import Kind, Verdict, classify, codes_in

MAX_WORDS: Final = 1000
_TYPE: Final = re.compile(r"[a-z][a-z-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """One event about one recipient.

    ``key`` is the provider's own id of it, the same whenever it is told again; ``raw`` the octets to keep.
    ``diagnosis`` is what a server said, with codes or without, ``status`` its enhanced code where that stands
    apart; ``is_temporary`` that the provider calls it so. ``complaint`` is the type of a complaint
    (RFC 5965 7.3), "" for a bounce. ``texts`` are where our own tokens may stand, as lines of a head:
    envelope sender, headers; ``mail`` the bounce itself, where it is passed on; ``message_ids`` what the
    provider knows our mail by, if it was we who named it.
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
    mail: bytes = b""


def read_told(told: Told) -> Reading:
    """Return the reading; codes and words are judged by the table for all bounces. Total, like ``read``."""
    parts = [Part(Fields(text), "message/rfc822", text, 1) for text in told.texts]
    fields, within = take_apart(told.mail)
    marks = marks_of(fields, [*parts, *within], ())
    if not told.complaint:
        return Reading(Shape.report, failures=(_failure(told),), marks=marks)
    kind = told.complaint if _TYPE.fullmatch(told.complaint) else "other"
    shape = Shape.feedback if kind in complaints.NO_COMPLAINT else Shape.complaint
    return Reading(shape, feedback_type=kind, marks=marks)


def _failure(told: Told) -> Failure:
    text = " ".join(told.diagnosis[:MAX_WORDS].split())
    kind, separator, rest = text.partition(";")
    # "smtp; 550 …" (RFC 3464 2.3.6)
    text = rest.strip() if separator and " " not in kind and "." not in kind else text
    code, enhanced = codes_in(text)
    enhanced = enhanced or codes_in(told.status)[1]
    verdict = classify(code, enhanced, text)
    if told.is_temporary and verdict.kind is Kind.hard:
        verdict = Verdict(Kind.soft, verdict.reason)
    # Where no server said a word, it may have been anything, a holiday note too: that harms nobody.
    action = Action.failed if text or enhanced else Action.delayed
    return Failure(told.address.strip().lower()[:320], action, code, enhanced, text, verdict)
