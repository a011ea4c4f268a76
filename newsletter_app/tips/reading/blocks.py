"""Parts a page into blocks of lines that stand together, and says what shape a block has: heading, list,
paragraph.
"""

import re
from dataclasses import dataclass, replace

from newsletter_app.tips.reading.furniture import furniture_code
from newsletter_app.tips.reading.lines import Line

MAX_HEADING = 80

_BULLET = re.compile(r"[-*•▪◦‣–·]\s(?P<text>\S.*)")
_NUMBERED = re.compile(r"(?:\[(\d{1,3})\]|\((\d{1,3})\)|(\d{1,3})[.)])\s(?P<text>\S.*)")


@dataclass(frozen=True)
class Block:
    """Lines with no blank line between them, how many blank lines stand before, and the furniture's code if
    it is some.
    """

    lines: tuple[Line, ...]
    gap: int
    furniture: str | None = None

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def written(self) -> "Block":
        """The block as it is written out: its lines' text with their marks."""
        return replace(self, lines=tuple(replace(line, text=line.written) for line in self.lines))

    @property
    def spelled(self) -> "Block":
        """The block with the addresses behind its links, as a list of references needs them."""
        return replace(self, lines=tuple(replace(line, text=line.spelled) for line in self.lines))


@dataclass(frozen=True)
class Item:
    """One line of a numbered list with the lines that continue it."""

    number: int
    line: int
    text: str


def blocks_of(lines: tuple[Line, ...]) -> list[Block]:
    """Blocks of tidy lines; a line of furniture, or one without a letter or digit, is a block of its own."""
    blocks: list[Block] = []
    held: list[Line] = []
    gap = held_gap = 0
    for line in (*lines, Line(0, "")):
        code = None if line.picture else _furniture(line.text)
        empty = not line.text and not line.picture
        if held and (empty or code):
            blocks.append(Block(tuple(held), held_gap))
            held, gap = [], 0
        if empty:
            gap += 1
        elif code:
            blocks.append(Block((line,), gap, code))
            gap = 0
        else:
            held_gap = held_gap if held else gap
            held.append(line)
    return blocks


def without(block: Block, unwanted: frozenset[int]) -> Block | None:
    """The block without the lines of these numbers, None when nothing is left."""
    kept = tuple(line for line in block.lines if line.number not in unwanted)
    return Block(kept, block.gap, block.furniture) if kept else None


def looks_like_heading(block: Block) -> bool:
    """What its file calls one, else one short line without a full stop, and no item of a list."""
    if block.first.shape not in ("", "text"):
        return is_heading(block)
    text = block.first.text
    return (
        len(block.lines) == 1
        and len(text) <= MAX_HEADING
        and not text.endswith((".", "!", "…", ":", ";", ",", ")", "]"))
        and not _BULLET.fullmatch(text)
        and not _NUMBERED.fullmatch(text)
    )


def is_heading(block: Block) -> bool:
    """Whether the file itself calls it a heading, so that nobody has to guess."""
    return block.first.shape in ("heading", "subheading")


def numbered(text: str) -> tuple[int, str] | None:
    """The number and the words of "1. …", "1) …", "(1) …" or "[1] …"."""
    found = _NUMBERED.fullmatch(text)
    return (int(found[1] or found[2] or found[3]), found["text"]) if found else None


def numbered_items(lines: tuple[Line, ...]) -> list[Item] | None:
    """The items of a numbered list, each with its continuation lines; None when the first line has
    no number.
    """
    items: list[tuple[int, int, list[str]]] = []
    for line in lines:
        start = numbered(line.text)
        if start:
            items.append((start[0], line.number, [start[1]]))
        elif items:
            items[-1][2].append(line.text)
        else:
            return None
    return [Item(number, line, " ".join(words)) for number, line, words in items] or None


def bullets(block: Block) -> list[str] | None:
    """The items of a list whose every line begins with a bullet, else None."""
    found = [_BULLET.fullmatch(line.text) for line in block.lines]
    return [match["text"] for match in found if match] if all(found) else None


def _furniture(text: str) -> str | None:
    return "separator" if text and not _says_something(text) else furniture_code(text)


def _says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text)
