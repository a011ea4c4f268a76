"""Reading what came back: octets in, a value out, for any octets; it knows no database, no key and no clock.

Nothing here is proven: a mail only says what it says, and which marks it bears.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from newsletter_app.feedback.reading import complaints, old_bounces, people, status
from newsletter_app.feedback.reading.fields import Fields
from newsletter_app.feedback.reading.marks import marks_of
from newsletter_app.feedback.reading.parts import Part, take_apart
from newsletter_app.feedback.reading.shapes import Action, Failure, Marks, Reading, Shape
from newsletter_app.feedback.reading.told import Told, read_told

__all__ = ["Action", "Failure", "Marks", "Reading", "Shape", "Told", "read", "read_told", "spells"]

MAX_SUBJECT = 200
MAX_WORDS = 20_000
HANDED = ("x-original-to", "delivered-to")  # What servers add that put mail into a mailbox or a maildir.

# Control signs, and halves of signs, which no mail can hold: codecs and encoded words give both.
_NO_WORDS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def read(raw: bytes, envelope: Iterable[str] = ()) -> Reading:
    """Return what a mail is and says; ``envelope`` is whom it was handed to, where that is known.

    Total: any octets give a reading, in bounded time and memory (M46).
    """
    fields, parts = take_apart(raw)
    envelope = tuple(address.lower() for address in envelope)
    marks = marks_of(fields, parts, envelope)
    sender = next(iter(fields.addresses("from")), "")
    subject = " ".join(_NO_WORDS.sub(" ", fields.words("subject")).split())[:MAX_SUBJECT]
    shape, failures, kind = _judge(raw, fields, parts, marks)
    words = _NO_WORDS.sub(" ", people.written(parts)[:MAX_WORDS]).strip() if shape is Shape.reply else ""
    told = (*envelope, *(address for name in HANDED for address in fields.addresses(name)))
    return Reading(shape, sender, subject, words, tuple(failures), kind, marks, told)


def spells(raw: bytes, addresses: Iterable[str]) -> bool:
    """Tell whether a mail holds one of these addresses anywhere, also where a part of it is encoded.

    An envelope sender of another program may hold it as ``rose=example.ca`` (VERP).
    """
    wanted = [spelling for text in addresses for spelling in (text.lower(), text.lower().replace("@", "="))]
    _fields, parts = take_apart(raw)
    told = "\n".join([raw.decode("utf-8", "replace"), *(part.text for part in parts)]).lower()
    return any(text in told for text in wanted)


def _judge(raw: bytes, fields: Fields, parts: list[Part], marks: Marks) -> tuple[Shape, list[Failure], str]:
    """Decide by form, the surest first: a holiday note may look like much, a report like nothing else."""
    if not fields:
        return Shape.unreadable, [], ""
    if report := complaints.report_in(parts):
        shape = Shape.complaint if complaints.is_complaint(report) else Shape.feedback
        return shape, [], complaints.feedback_type(report)
    if failures := status.failures_in(parts):
        return Shape.report, failures, ""
    if failures := old_bounces.failures_in(raw, fields, parts):
        return Shape.report, status.failures_in(parts, within=1) or failures, ""
    if people.is_automatic(fields, parts):
        return Shape.auto_reply, [], ""
    if any(local.startswith("s-") for local in marks.recipients):
        return Shape.unsubscribe, [], ""
    return (Shape.stop if people.says_stop(fields, parts) else Shape.reply), [], ""
