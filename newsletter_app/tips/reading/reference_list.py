"""Finds the reference list of a pasted page; refuses one whose numbers have a gap or come twice."""

import re
from dataclasses import dataclass

from newsletter_app.tips.reading.blocks import Block, Item, numbered, numbered_items
from newsletter_app.tips.reading.draft import ImportFault, Unreadable
from newsletter_app.tips.reading.lines import Line, tidy

_HEADING = re.compile(
    r"(?:references?|sources?|references and sources|références?|bibliography|bibliographie)\s?:?", re.I
)
# A list counts as references only if each item has something to find it by: otherwise it is a list of steps.
_EVIDENCE = re.compile(
    r"(?<!\d)(?:1[89]|20)\d\d(?!\d)|https?://|\bwww\.|\bdoi\b|\bPMID\b|[a-z]\.(?:com|org|ca|net|gov)/", re.I
)

_ADDRESS = re.compile(r"https?://|www\.|doi\b|PMID\b", re.I)


@dataclass(frozen=True)
class ReferenceList:
    """The references in order, and where among the blocks they stand: `start` to `end`, heading included."""

    items: tuple[Item, ...]
    start: int
    end: int


def find_references(blocks: list[Block]) -> ReferenceList | None:
    """The list under the last "References" heading, else the last numbered list of which every item looks
    like one.

    Raises Unreadable with reference-gap or reference-twice at the line where the numbers go wrong.
    """
    spelled = [block.spelled for block in blocks]
    found = _under_heading(spelled) or _by_evidence(spelled)
    if found:
        check_numbers([(item.number, item.line) for item in found.items])
    return found


def pasted_references(text: str) -> tuple[str, ...]:
    """The references of a list that was copied alone, () where nothing was.

    One begins at each number, which is no part of it. Without numbers each line is one that has something to
    be found by, unless it only goes on with an address; where a line has nothing, all of it is one.
    """
    told = [tidy(line) for line in text.splitlines()]
    lines = tuple(Line(at, line) for at, line in enumerate(told, start=1) if line)
    if items := numbered_items(lines):
        return tuple(item.text for item in items)
    found: list[str] = []
    for line in lines:
        if found and (_ADDRESS.match(line.text) or not _EVIDENCE.search(found[-1])):
            found[-1] += f" {line.text}"
        else:
            found.append(line.text)
    if all(_EVIDENCE.search(text) for text in found):
        return tuple(found)
    return (" ".join(found),)


def check_numbers(numbers: list[tuple[int, int]]) -> None:
    """Raises Unreadable unless the (number, line) pairs count 1, 2, 3 …"""
    faults = []
    seen: set[int] = set()
    for place, (number, line) in enumerate(numbers, start=1):
        if number in seen:
            faults.append(ImportFault(line, "reference-twice"))
        elif number != place and not faults:
            faults.append(ImportFault(line, "reference-gap"))
        seen.add(number)
    if faults:
        raise Unreadable(*faults)


def is_reference_anchor(block: Block) -> bool:
    """Whether a reference list begins or goes on here."""
    return _is_heading(block) or (
        numbered(block.first.text) is not None and bool(_EVIDENCE.search(block.spelled.text))
    )


def _is_heading(block: Block) -> bool:
    return len(block.first.text) < 40 and _HEADING.fullmatch(block.first.text) is not None


def _under_heading(blocks: list[Block]) -> ReferenceList | None:
    start = next((at for at in range(len(blocks) - 1, -1, -1) if _is_heading(blocks[at])), None)
    if start is None:
        return None
    below = [Block(blocks[start].lines[1:], 0), *blocks[start + 1 :]]
    below_lines = [block for block in below if block.lines]
    if not below_lines:
        return None
    skipped = len(blocks) - start - len(below_lines)
    if numbered(below_lines[0].first.text):
        count = _run(below_lines, 0)
        items = numbered_items(tuple(line for block in below_lines[:count] for line in block.lines)) or []
    else:
        count = len(below_lines)
        lines = [line for block in below_lines for line in block.lines]
        items = [Item(at, line.number, line.text) for at, line in enumerate(lines, start=1)]
    return ReferenceList(tuple(items), start, start + skipped + count)


def _by_evidence(blocks: list[Block]) -> ReferenceList | None:
    at = len(blocks) - 1
    while at >= 0:
        if numbered(blocks[at].first.text):
            end = at + 1
            while at > 0 and numbered(blocks[at - 1].first.text):
                at -= 1
            items = numbered_items(tuple(line for block in blocks[at:end] for line in block.lines)) or []
            if all(_EVIDENCE.search(item.text) for item in items):
                return ReferenceList(tuple(items), at, end)
        at -= 1
    return None


def _run(blocks: list[Block], start: int) -> int:
    """How many blocks from `start` on begin with a number."""
    end = start
    while end < len(blocks) and numbered(blocks[end].first.text):
        end += 1
    return end - start
