"""Bounces in no form at all, as old servers write them: whom they name, and what they say of it.

flufl.bounce knows how some forty servers name the address; what happened is read here, since it calls full
mailboxes and policies permanent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from email import message_from_bytes
from typing import Final

import flufl.bounce

from newsletter_app.feedback.reading import bounce_words
from newsletter_app.feedback.reading.fields import Fields, addresses_in
from newsletter_app.feedback.reading.parts import Part, shown
from newsletter_app.feedback.reading.shapes import Action, Failure
from newsletter_app.mail.refusals import Kind, Reason, Verdict, classify, codes_in

# What flufl.bounce is shown: its patterns walk back over long lines, and the address stands at the beginning.
MAX_OCTETS: Final = 32_768
MAX_LINE: Final = 400
MAX_BOUNDARIES: Final = 20
MAX_WORDS: Final = 6000
EXCERPT: Final = 700  # Characters behind the address: what servers say of it stands there.
MAX_ADDRESSES: Final = 50
MAX_LINES: Final = 200
HELPERS: Final = frozenset({"postmaster", "mailer-daemon", "abuse", "support", "helpdesk"})
UNSPECIFIED: Final = Verdict(Kind.soft, Reason.unspecified)

# It logs a traceback with parts of the mail before it raises.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def failures_in(raw: bytes, fields: Fields, parts: Sequence[Part]) -> list[Failure]:
    """Return what a free-form bounce says, nothing for a mail that is none.

    One that names nobody, or speaks of a delay, is told as that.
    """
    delayed, failed = _addresses(raw)
    if not (is_from_a_server(fields) or ((failed or delayed) and not fields.raw("in-reply-to"))):
        return []
    words = _words(parts)
    addresses = failed or delayed or fields.addresses("x-failed-recipients") or [_guessed(words, fields)]
    puts_off = (delayed and not failed) or bounce_words.STILL_TRYING.search(words[:2000].lower())
    action = Action.delayed if puts_off else Action.failed
    return [_failure(address, words, addresses, fields, action) for address in addresses[:MAX_ADDRESSES]]


def is_from_a_server(fields: Fields) -> bool:
    """Whether its sender, or its subject unless it is an answer, says that a server wrote about a mail.

    A postmaster may be a reader, too, who answers a tip.
    """
    sender = " ".join(fields.words(name) for name in ("from", "return-path", "sender")).lower()
    subject = fields.words("subject").lower()
    is_answer = subject.startswith("re:") or bool(fields.raw("in-reply-to"))
    by_subject = bounce_words.SUBJECT.search(subject) is not None
    by_sender = bounce_words.FROM.search(sender) is not None
    if fields.raw("x-failed-recipients"):
        return True
    return (by_sender and by_subject) if is_answer else (by_sender or by_subject)


def _failure(address: str, words: str, addresses: Sequence[str], fields: Fields, action: Action) -> Failure:
    """Take the first that says something: what stands at the address, a reply, all of it, the subject."""
    reply = bounce_words.REPLY.search(words.lower())
    places = (
        _around(address, words, addresses),
        words[reply.start() : reply.start() + EXCERPT] if reply else "",
        words[: 2 * EXCERPT],
        fields.words("subject"),
    )
    judged = [(place, classify(None, None, place)) for place in places]
    telling = [pair for pair in judged if pair[1].reason not in (Reason.unspecified, Reason.delivered)]
    excerpt, verdict = telling[0] if telling else (places[0], UNSPECIFIED)
    code, enhanced = codes_in(excerpt)
    return Failure(address, action, code, enhanced, " ".join(excerpt.split())[:EXCERPT], verdict)


def _guessed(words: str, fields: Fields) -> str:
    """Return the first address that the server names, but for the sender's and those of whoever helps."""
    others = {*fields.addresses("to"), *fields.addresses("from")}
    for line in words.splitlines()[:MAX_LINES]:
        if not line.strip().lower().startswith("from:"):
            for address in addresses_in(line):
                if address not in others and address.partition("@")[0] not in HELPERS:
                    return address
    return ""


def _around(address: str, words: str, addresses: Sequence[str]) -> str:
    """Return the line that names the address and what follows, up to the next address that failed."""
    low = words.lower()
    at = low.find(address) if address else -1
    if at < 0:
        return words[:EXCERPT]
    start, behind = low.rfind("\n", 0, at) + 1, at + len(address)
    others = [low.find(other, behind) for other in addresses if other and other != address]
    end = min([*(found for found in others if found >= 0), behind + EXCERPT])
    return words[start:at] + words[behind:end]


def _words(parts: Sequence[Part]) -> str:
    """Return what the server wrote itself, up to the message it returns; of a page, what it shows."""
    own = (part for part in parts if part.type.startswith("text/") and not part.returned)
    first = next((part for part in own if part.text.strip()), None)
    if first is None:
        return ""
    whole = shown(first.text) if first.type == "text/html" else first.text[: MAX_WORDS * 4]
    returned = bounce_words.RETURNED.search(whole.lower(), 1)
    return (whole[: returned.start()] if returned else whole)[:MAX_WORDS]


def _addresses(raw: bytes) -> tuple[list[str], list[str]]:
    """Return the addresses of temporary and of permanent failures that flufl.bounce finds, sorted."""
    seen = b"\n".join(line[:MAX_LINE] for line in raw[:MAX_OCTETS].splitlines())
    if seen.lower().count(b"boundary=") > MAX_BOUNDARIES:
        return [], []
    try:
        found = flufl.bounce.all_failures(message_from_bytes(seen))
    # It raises what it happens to stumble over: IndexError without From, and more for hostile mails (M46).
    except Exception:
        return [], []
    delayed, failed = (sorted(each.decode("ascii", "replace").lower() for each in kind) for kind in found)
    return delayed, failed
