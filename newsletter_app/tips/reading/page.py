"""Parts a pasted web page into the tip's own blocks and what stands around them; every line around it is
reported.
"""

from dataclasses import dataclass

from newsletter_app.tips.reading.blocks import Block, blocks_of
from newsletter_app.tips.reading.disclaimers import is_disclaimer_heading
from newsletter_app.tips.reading.draft import Finding, ImportFault, Unreadable
from newsletter_app.tips.reading.furniture import TAIL
from newsletter_app.tips.reading.lines import Line
from newsletter_app.tips.reading.reference_list import is_reference_anchor
from newsletter_app.tips.reading.titles import MAX_TITLE, Title, any_title, named_title

_ALWAYS_TAIL = frozenset({"food-for-thought", "appeal", "choose-notices"})


@dataclass(frozen=True)
class Page:
    """The title, the tip's own blocks, the numbers of related tips, and the findings around them."""

    title: Title
    blocks: list[Block]
    related: tuple[int, ...]
    left_out: tuple[Finding, ...]
    not_understood: tuple[Finding, ...]


def split_page(lines: tuple[Line, ...]) -> Page:
    """Parts tidy lines. Raises Unreadable with no-title (nothing could be one) or two-titles (two tips in one
    file).
    """
    blocks = blocks_of(lines)
    title_at, title = _find_title(blocks)
    before, rest = blocks[:title_at], _after_title(blocks, title_at)
    tail_at = _tail_start(rest)
    main, tail = rest[:tail_at], rest[tail_at:]
    again = _title_again(main, title)
    related, tail_left_out, tail_odd = _read_tail(tail)
    left_out = [
        *_findings([block for block in (*before, *main) if block.furniture]),
        *_findings(again, "title-again"),
        *tail_left_out,
    ]
    odd = _findings([block for block in before if not block.furniture], "before-the-title")
    repeated = {block.first.number for block in again}
    own = [block for block in main if not block.furniture and block.first.number not in repeated]
    return Page(title, own, related, tuple(left_out), (*odd, *tail_odd))


def _find_title(blocks: list[Block]) -> tuple[int, Title]:
    """The line that the file calls its title, else the first that says it is one, else the first line
    that is no furniture, if it stands alone.
    """
    told = next((at for at, block in enumerate(blocks) if block.first.shape == "title"), None)
    if told is not None:
        text = blocks[told].first.text
        return told, named_title(text) or Title(None, _fitting(text, blocks[told].first.number))
    text_at = [at for at, block in enumerate(blocks) if not block.furniture and not block.first.picture]
    for at in text_at:
        named = named_title(blocks[at].first.text)
        if named:
            return at, named
    first = blocks[text_at[0]] if text_at else None
    bare = any_title(first.text) if first and len(first.lines) == 1 else None
    if bare is None:
        raise Unreadable(ImportFault(first.first.number if first else 1, "no-title"))
    return text_at[0], bare


def _fitting(title: str, line: int) -> str:
    if len(title) > MAX_TITLE:
        raise Unreadable(ImportFault(line, "title-too-long"))
    return title


def _after_title(blocks: list[Block], title_at: int) -> list[Block]:
    """What follows the title; a lead that stands right under it, without a blank line, is a block
    of its own.
    """
    under = blocks[title_at].lines[1:]
    return [*([Block(under, 0)] if under else []), *blocks[title_at + 1 :]]


def _tail_start(blocks: list[Block]) -> int:
    """Where the page goes on without the tip: at the first box after the references and the disclaimer.

    A page without either may show its share box on top, so there only boxes that never stand on top count.
    """
    anchors = [
        at
        for at, block in enumerate(blocks)
        if not block.furniture and (is_reference_anchor(block) or is_disclaimer_heading(block.first.text))
    ]
    start, boxes = (anchors[-1], TAIL) if anchors else (0, _ALWAYS_TAIL)
    return next((at for at in range(start, len(blocks)) if blocks[at].furniture in boxes), len(blocks))


def _title_again(blocks: list[Block], title: Title) -> list[Block]:
    """Blocks that say the same title once more; another title means a second tip in the file."""
    again = []
    for block in blocks:
        told = block.furniture or block.first.shape in ("paragraph", "text", "picture", "caption")
        found = None if told else named_title(block.first.text)
        if found and len(block.lines) == 1:
            if found != title:
                raise Unreadable(ImportFault(block.first.number, "two-titles"))
            again.append(block)
    return again


def _read_tail(blocks: list[Block]) -> tuple[tuple[int, ...], list[Finding], list[Finding]]:
    """Related numbers, what was left out, and what nobody understood, in the part of the page after
    the tip.
    """
    related: list[int] = []
    left_out: list[Finding] = []
    odd: list[Finding] = []
    box = ""
    for block in blocks:
        if block.furniture:
            box = block.furniture if block.furniture in TAIL else box
            left_out += _findings([block])
            continue
        for line in block.lines:
            tip = named_title(line.text) if box == "food-for-thought" else None
            if tip and tip.number:
                related.append(tip.number)
                left_out.append(Finding(line.number, "related", line.text))
            elif box == "appeal":
                left_out.append(Finding(line.number, "appeal", line.text))
            else:
                odd.append(Finding(line.number, "after-the-tip", line.text))
    return tuple(dict.fromkeys(related)), left_out, odd


def _findings(blocks: list[Block], code: str = "") -> list[Finding]:
    return [
        Finding(line.number, code or block.furniture or "", line.text)
        for block in blocks
        for line in block.lines
    ]
