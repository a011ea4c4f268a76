"""Reads plain text pasted from a tip's web page; reports every line that is not in the draft, and corrects
nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsletter_app.tips.reading.blocks import (
    Block,
    bullets,
    is_heading,
    looks_like_heading,
    numbered_items,
)
from newsletter_app.tips.reading.citations import mark_citations
from newsletter_app.tips.reading.disclaimers import is_disclaimer_heading
from newsletter_app.tips.reading.draft import Finding, Reading, TipDraft
from newsletter_app.tips.reading.image_credit import take_image
from newsletter_app.tips.reading.inline import as_markdown, words
from newsletter_app.tips.reading.languages import guess_language
from newsletter_app.tips.reading.lines import Line, tidy_lines
from newsletter_app.tips.reading.page import split_page
from newsletter_app.tips.reading.reference_list import ReferenceList, find_references
from newsletter_app.tips.reading.references import parse_reference

MAX_LEAD_PARAGRAPHS = 2


@dataclass
class _Parts:
    """The blocks of a tip by their place; a heading stands in `body` before its blocks and in `headings`."""

    lead: list[Block] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    headings: set[int] = field(default_factory=set)
    disclaimer: list[Block] = field(default_factory=list)
    loose: list[Finding] = field(default_factory=list)


def read_plain(lines: tuple[Line, ...], language: str | None, default_language: str) -> Reading:
    """A draft from the numbered lines of a pasted page.

    `language` decides; when None the words do, and `default_language` when they cannot.
    Raises Unreadable: no-title, two-titles, reference-gap, reference-twice.
    """
    tidied = tidy_lines(lines)
    page = split_page(tidied)
    listed = find_references(page.blocks)
    found = take_image(_outside(page.blocks, listed))
    parts = _sort(found.blocks)
    writer = _Writer(frozenset(item.number for item in listed.items) if listed else frozenset())
    draft = TipDraft(
        number=page.title.number,
        language=language or guess_language(" ".join(line.text for line in tidied)) or default_language,
        title=page.title.text,
        lead=writer.write(parts.lead, parts.headings),
        body=writer.write(parts.body, parts.headings),
        disclaimer=writer.write(parts.disclaimer, parts.headings),
        image=found.image,
        references=tuple(parse_reference(item.text) for item in listed.items) if listed else (),
        related=page.related,
    )
    odd = [
        *page.not_understood,
        *found.findings,
        *parts.loose,
        *writer.unmatched,
        *_uncited(listed, writer.cited),
    ]
    return Reading(draft, _by_line(page.left_out), _by_line(odd))


class _Writer:
    """Writes blocks as Markdown and remembers which references they cited and which marks cite nothing."""

    def __init__(self, known: frozenset[int]) -> None:
        self.cited: set[int] = set()
        self.unmatched: list[Finding] = []
        self._known = known

    def write(self, blocks: Sequence[Block], headings: set[int]) -> str:
        """Blocks parted by blank lines; those whose first line is among `headings` as `##`."""
        return "\n\n".join(self._block(block, block.first.number in headings) for block in blocks)

    def _block(self, block: Block, heading: bool) -> str:
        def mark(text: str) -> str:
            return self._mark(text, block)

        written = block.written
        if heading:
            return f"{'###' if block.first.shape == 'subheading' else '##'} {mark(words(written.text))}"
        return _as_list(written, mark) or mark(written.text)

    def _mark(self, text: str, block: Block) -> str:
        marked = mark_citations(text, self._known)
        self.cited.update(marked.cited)
        for mark in marked.unmatched:
            line = next((line for line in block.lines if mark in line.text), block.first)
            self.unmatched.append(Finding(line.number, "mark-without-reference", mark))
        return as_markdown(marked.markdown)


def _as_list(block: Block, mark: Callable[[str], str]) -> str | None:
    points = bullets(block)
    if points:
        return "\n".join(f"- {mark(point)}" for point in points)
    steps = numbered_items(block.lines)
    if steps:
        return "\n".join(f"{step.number}. {mark(step.text)}" for step in steps)
    return None


def _outside(blocks: list[Block], listed: ReferenceList | None) -> list[Block]:
    return blocks if listed is None else [*blocks[: listed.start], *blocks[listed.end :]]


def _sort(blocks: list[Block]) -> _Parts:
    """A short line is a heading only when a paragraph follows it; one that nothing follows is reported."""
    parts = _Parts()
    kinds = [looks_like_heading(block) for block in blocks]
    opens = [_opens(blocks, kinds, at) for at in range(len(blocks))]
    first_heading = next((at for at, is_open in enumerate(opens) if is_open), len(blocks))
    lead = _lead_length(
        [block for block, loose in zip(blocks[:first_heading], kinds, strict=False) if not loose]
    )
    target = parts.lead
    for at, block in enumerate(blocks):
        if opens[at] and is_disclaimer_heading(block.text):
            target = parts.disclaimer
        elif opens[at]:
            target = parts.body
            parts.headings.add(block.first.number)
            target.append(block)
        elif kinds[at] and block.first.shape != "text":
            parts.loose.append(Finding(block.first.number, "loose-line", block.text))
        else:
            target = parts.body if target is parts.lead and len(parts.lead) >= lead else target
            target.append(block)
    return parts


def _opens(blocks: list[Block], kinds: list[bool], at: int) -> bool:
    """A guessed heading needs a paragraph below it; one that the file tells of may have another below."""
    if not kinds[at] or at + 1 >= len(kinds):
        return False
    return not kinds[at + 1] or is_heading(blocks[at])


def _lead_length(opening: list[Block]) -> int:
    """The lead ends at the first double blank line; without one, or far from it, it is the first paragraph.

    A list is no lead.
    """
    if opening and bullets(opening[0]):
        return 0
    parted = next((at for at, block in enumerate(opening) if at and block.gap > 1), 1)
    return parted if parted <= MAX_LEAD_PARAGRAPHS else 1


def _uncited(listed: ReferenceList | None, cited: set[int]) -> list[Finding]:
    """A reference that no mark cites tells that a mark was lost in pasting."""
    items = listed.items if listed else ()
    return [
        Finding(item.line, "reference-not-cited", item.text) for item in items if item.number not in cited
    ]


def _by_line(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.code)))
