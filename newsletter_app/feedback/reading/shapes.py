"""What a mail that came back can be, as values; nothing here reads or decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from newsletter_app.mail.refusals import Kind, Verdict


class Shape(StrEnum):
    """What a mail is, by its form; what follows from it is decided elsewhere."""

    report = "report"  # RFC 3464 or 6533, or the free words of an old server.
    complaint = "complaint"  # RFC 5965: a reader pressed "spam".
    feedback = "feedback"  # RFC 5965, about something else: authentication, not spam, a virus.
    auto_reply = "auto-reply"  # RFC 3834
    unsubscribe = "unsubscribe"  # A mail to the address in List-Unsubscribe.
    stop = "stop"  # A reply that says nothing but STOP.
    reply = "reply"  # A person wrote.
    unreadable = "unreadable"


class Action(StrEnum):
    """What a report says became of a message (RFC 3464 2.3.3); only the first can harm anybody."""

    failed = "failed"
    delayed = "delayed"
    delivered = "delivered"
    relayed = "relayed"
    expanded = "expanded"


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient of a report: what became of it, codes, words, verdict.

    ``address`` is the one we wrote to as far as it is told (lower-case, or ""), ``final`` where it led.
    """

    address: str
    action: Action
    code: int | None
    enhanced: str | None
    text: str
    verdict: Verdict
    final: str = ""

    @property
    def is_harm(self) -> bool:
        """Whether it says that the message did not arrive and will not."""
        return self.action is Action.failed and self.verdict.kind is not Kind.none


@dataclass(frozen=True, slots=True)
class Marks:
    """What may prove whose message came back; nothing of it is proven yet, in the order it is asked.

    ``recipients`` are the local parts the mail was sent to; ``locals_within`` and ``stop_tokens`` stand in
    what it returns or quotes; ``message_ids`` are those of our form, there or in In-Reply-To.
    """

    recipients: tuple[str, ...] = ()
    locals_within: tuple[str, ...] = ()
    stop_tokens: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail as read: its shape, from whom, its subject, what it says of recipients, and its marks.

    ``words`` are a reply's own, cut off after some 20,000 signs; "" for what no person wrote.
    ``handed_to`` are the addresses it was put here for, lower-case, as far as that is known.
    """

    shape: Shape
    sender: str = ""
    subject: str = ""
    words: str = ""
    failures: tuple[Failure, ...] = ()
    feedback_type: str = ""
    marks: Marks = field(default_factory=Marks)
    handed_to: tuple[str, ...] = ()
