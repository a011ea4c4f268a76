"""One verdict out of code, enhanced code and words; total, without memory of earlier ones, never raising.

Words come first where they say plainly what is meant, since providers misuse codes: 5.7.1 for an unknown
user, 5.1.1 for a policy. Then the enhanced code; then hints; then the basic code. Whatever a server puts off
(4yz) is soft.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from newsletter_app.mail.refusals import codes
from newsletter_app.mail.refusals.meanings import Kind, Verdict
from newsletter_app.mail.refusals.phrases import first, phrases

LONGEST: Final = 2000  # Characters looked at: replies and diagnoses are shorter, hostile ones are not.

_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)")
# In the midst of words a number is a code only where it says that something went wrong, and counts nothing.
_CODE: Final = re.compile(
    r"(?<![\w.\-/:+\[(])([45][0-57]\d)(?=[ \-#:;\]),]|$)(?! ?(k?bytes|kb|mb|hours|days|messages))"
)
_FIRST_CODE: Final = re.compile(r"^(?:smtp;? ?)?([245][0-57]\d)(?=[ \-#:;]|$)")
_NEXT_LINE: Final = re.compile(r"(?<=\s)[45]\d\d-(?:[45]\.\d{1,3}\.\d{1,3})?\s")
_ADDRESS: Final = re.compile(r"\(address\)|[^\s<>\"'(),;:]{1,64}@[^\s<>\"'(),;:]{1,255}")
# Queue ids, sessions, hosts and their addresses: no words, and another in each reply of one server.
_PASSING: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?=[\w.\-]{0,60}\d)[\w.\-]{11,}")
_NO_WORDS: Final = str.maketrans("", "", "'’‘`´\"“”<>()[]{}")
# What these say is so general that a hint in the words says more.
_GENERAL: Final = frozenset({(2, 0), (3, 0), (4, 0), (5, 0), (1, 0)})


def classify(code: int | None, enhanced: str | None, text: str) -> Verdict:
    """Judge a refusal; ``code`` and ``enhanced`` may be missing, and are then looked for in ``text``.

    Case, accents, line breaks and repeated spaces do not matter. No input raises.
    """
    line = " ".join(text[:LONGEST].casefold().split())
    return _classify(code, (enhanced or "").strip()[:16], _PASSING.sub("#", line))


def codes_in(text: str) -> tuple[int | None, str | None]:
    """Return the reply code and the enhanced code that stand in ``text``, each None if there is none."""
    line = text[:LONGEST].strip().lower()
    code = _FIRST_CODE.search(line) or _CODE.search(line)
    enhanced = _ENHANCED.search(line)
    return (int(code[1]) if code else None), (enhanced[0] if enhanced else None)


@lru_cache(maxsize=4096)  # A millisecond for a new one, and a server says the same to thousands.
def _classify(code: int | None, enhanced: str, line: str) -> Verdict:
    found_code, found_enhanced = codes_in(line)
    number = code if code is not None and 200 <= code <= 599 else found_code
    parts = _ENHANCED.fullmatch(enhanced) or _ENHANCED.match(found_enhanced or "")
    leading = _leading(number, parts)
    if leading == 2:
        return codes.DELIVERED
    subject, detail = (int(parts[2]), int(parts[3])) if parts else (0, 0)
    heads = [str(number or ""), parts[0] if parts else "", _words(line)]
    verdict = _judge(number, subject, detail, " ".join(filter(None, heads)))
    return Verdict(Kind.soft, verdict.reason) if leading == 4 else verdict


def _judge(number: int | None, subject: int, detail: int, words: str) -> Verdict:
    said = first(phrases().rows, words)
    if said is not None:
        return said
    by_enhanced = codes.by_enhanced(subject, detail)
    if by_enhanced is not None and (subject, detail) not in _GENERAL:
        return by_enhanced
    return first(phrases().hints, words) or by_enhanced or codes.by_code(number or 0)


def _leading(number: int | None, parts: re.Match[str] | None) -> int | None:
    """Return the class: the reply code's, since it is what the protocol goes by, else the enhanced code's."""
    if number is not None:
        return number // 100
    return int(parts[1]) if parts else None


def _words(line: str) -> str:
    """Return the words as the table spells them, without the codes before them."""
    folded = unicodedata.normalize("NFKD", _ADDRESS.sub("@", line))
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign)).translate(_NO_WORDS)
    rest = _FIRST_CODE.sub("", _NEXT_LINE.sub("", f" {bare}").strip()).lstrip(" -#:;")
    return " ".join((_ENHANCED.sub("", rest, count=1) if _ENHANCED.match(rest) else rest).split())
