"""Finds citation marks in a paragraph of plain text and writes it as Markdown with `[^1]`; takes no other
bracket for one.
"""

import re
from dataclasses import dataclass

_ONE = r"(?:\(\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,9}\)|\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,9}\])"
_MARKS = re.compile(rf"\s?{_ONE}(?:[\s,]?{_ONE})*")
_NUMBERS = re.compile(r"(\d{1,3})(?:\s?[–-]\s?(\d{1,3}))?")
_CLOSING = frozenset('.!?…»”"')
_FOLLOWING = frozenset(".,;:!?…»”")
# Characters that Markdown would read as its own; the editor sees a backslash before them.
_SPECIAL = re.compile(r"([\\`*_\[\]~|])|<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)")
_LINE_START = re.compile(r"(#{1,6}|[+=>-]|:)(?=\s|$)|(\d{1,9})([.)])(?=\s|$)|>|-{3,}|={3,}")


@dataclass(frozen=True)
class Marked:
    """A paragraph as Markdown, the references it cites in order, and the marks that cite nothing, as they
    stand.
    """

    markdown: str
    cited: tuple[int, ...]
    unmatched: tuple[str, ...]


def mark_citations(text: str, known: frozenset[int]) -> Marked:
    """Marks at the ends of sentences and clauses whose numbers are all among `known` become `[^n]`; others
    stay text.
    """
    pieces: list[str] = []
    cited: list[int] = []
    unmatched: list[str] = []
    at = 0
    for found in _MARKS.finditer(text):
        numbers = _numbers(found.group())
        if set(numbers) <= known and numbers and _ends_a_clause(text, found):
            pieces += [escape(text[at : found.start()]), *(f"[^{number}]" for number in numbers)]
            cited += numbers
            at = found.end()
        else:
            unmatched.append(found.group().strip())
    rest = escape(text[at:])
    return Marked(_escape_start("".join(pieces) + rest), tuple(cited), tuple(unmatched))


def escape(text: str) -> str:
    """The text written so that Markdown shows it as it is."""
    return _SPECIAL.sub(lambda found: "\\" + found.group(), text)


def _escape_start(text: str) -> str:
    found = _LINE_START.match(text)
    if found is None:
        return text
    if found[2]:
        return f"{found[2]}\\{text[len(found[2]) :]}"
    return "\\" + text


def _numbers(marks: str) -> tuple[int, ...]:
    """The numbers of "(1) (2)", "[1, 2]" and "(1-3)"; nothing for a range that runs backwards."""
    numbers: list[int] = []
    for first, last in _NUMBERS.findall(marks):
        numbers += range(int(first), int(last or first) + 1)
    return tuple(dict.fromkeys(numbers))


def _ends_a_clause(text: str, found: re.Match[str]) -> bool:
    """A round bracket cites only where a sentence or clause ends: "two (2) pills" cites nothing. Square ones
    always do.
    """
    if found.start() == 0:
        return False
    following = text[found.end() : found.end() + 1]
    before = text[found.start() - 1]
    return "[" in found.group() or following == "" or following in _FOLLOWING or before in _CLOSING
