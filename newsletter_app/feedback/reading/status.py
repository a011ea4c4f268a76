"""Delivery status notifications (RFC 3464, and RFC 6533 in UTF-8): one failure per recipient block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from newsletter_app.feedback.reading.fields import Fields, addresses_in
from newsletter_app.feedback.reading.parts import Part
from newsletter_app.feedback.reading.shapes import Action, Failure
from newsletter_app.mail.refusals import Kind, Reason, Verdict, classify, codes_in

TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
MAX_RECIPIENTS: Final = 50
MAX_TEXT: Final = 1000

_BLOCKS: Final = re.compile(r"(?:\r?\n[ \t]*){2,}")
_RECIPIENT: Final = re.compile(r"^(?=(?:final|original)-recipient[ \t]*:)", re.IGNORECASE | re.MULTILINE)
_STATUS: Final = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_ESCAPED: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_BY_CLASS: Final = {"2": Action.delivered, "4": Action.delayed, "5": Action.failed}


def failures_in(parts: Sequence[Part], within: int = 0) -> list[Failure]:
    """Return what the report's own status parts say of each recipient, in their order, each once.

    ``within`` is 1 for a report that a gateway wrapped in a report of its own.
    """
    words = next((part.text for part in parts if part.type == "text/plain" and part.returned == within), "")
    found: list[Failure] = []
    for part in parts:
        if part.type in TYPES and part.returned == within:
            found += [_failure(block, words) for block in _recipient_blocks(part.text)]
    return list(dict.fromkeys(found))[:MAX_RECIPIENTS]


def _recipient_blocks(text: str) -> list[Fields]:
    """Return the blocks about recipients; some servers forget the empty lines between them."""
    blocks = [Fields(block) for whole in _BLOCKS.split(text.strip()) for block in _apart(whole)]
    return [block for block in blocks if _address(block) or block.raw("action") or block.raw("status")]


def _apart(block: str) -> list[str]:
    starts = [found.start() for found in _RECIPIENT.finditer(block)]
    if len([start for start in starts if block[start : start + 5].lower() == "final"]) < 2:
        return [block]
    finals = [start for start in starts if block[start : start + 5].lower() == "final"]
    return [block[start:end] for start, end in zip(finals, [*finals[1:], len(block)], strict=True)]


def _failure(block: Fields, words: str) -> Failure:
    status = _STATUS.search(block.raw("status"))
    diagnosis = _diagnosis(block)
    code, found = codes_in(diagnosis)
    enhanced = found or (status[0] if status else None)
    action = _action(block, status)
    verdict = classify(code, enhanced, diagnosis)
    if action is Action.failed and verdict.reason is Reason.unspecified and words:
        verdict = _from_words(verdict, code, enhanced, words)
    final, original = _address(block), _typed(block.raw("original-recipient"))
    return Failure(original or final, action, code, enhanced, diagnosis[:MAX_TEXT], verdict, final)


def _from_words(verdict: Verdict, code: int | None, enhanced: str | None, words: str) -> Verdict:
    """Ask the words for people where the machine's say nothing; they cannot make a refusal a success."""
    said = classify(code, enhanced, words[:MAX_TEXT])
    return verdict if said.kind is Kind.none else said


def _action(block: Fields, status: re.Match[str] | None) -> Action:
    """Return what became of it; a class that says "delivered" is believed, and harm is not guessed."""
    said = block.token("action").split(" ")[0]
    if said in ("failure", "error", "fail"):
        said = Action.failed
    if said not in Action.__members__:
        return _BY_CLASS[status[1]] if status else Action.delayed
    if said == Action.failed and status is not None and status[1] == "2":
        return Action.delivered
    return Action(said)


def _diagnosis(block: Fields) -> str:
    """Return what the server said without the type before it ("smtp; 550 …"), or the status's own words."""
    said = block.words("diagnostic-code")
    kind, separator, rest = said.partition(";")
    if separator and " " not in kind.strip():
        said = rest
    return said.strip() or _STATUS.sub("", block.words("status"), count=1).strip(" ()")


def _address(block: Fields) -> str:
    return _typed(block.raw("final-recipient"))


def _typed(value: str) -> str:
    """Return the address behind its type (RFC 3464 2.3.1), with the escapes of RFC 6533 3 undone."""
    kind, separator, rest = value.partition(";")
    plain = rest if separator and "@" not in kind else value
    if kind.strip().lower() == "utf-8":
        plain = _ESCAPED.sub(_unescaped, plain)
    found = addresses_in(plain)
    return found[0] if found else ""


def _unescaped(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
