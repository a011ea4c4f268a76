"""What differs between two texts, word by word, and which paragraphs are new; values in, values out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

# Beyond this many words in a paragraph words are not matched one by one, which would take seconds (S35).
MANY_WORDS: Final = 2_000
_WORD: Final = re.compile(r"\S+|\s+")
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n")


class Piece(NamedTuple):
    """A run of text: *same* in both, *gone* from the older, or *new* in the newer."""

    what: Literal["same", "gone", "new"]
    text: str


class Paragraph(NamedTuple):
    """A paragraph of either text, as the pieces it is made of."""

    pieces: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        """Tell whether anything of it differs."""
        return any(piece.what != "same" for piece in self.pieces)


def compare(older: str, newer: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of both texts in order; one that was rewritten stands once, word by word."""
    before, after = paragraphs(older), paragraphs(newer)
    found: list[Paragraph] = []
    for what, i, j, m, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            found += [Paragraph((Piece("same", text),)) for text in before[i:j]]
        else:
            found += _rewritten(before[i:j], after[m:n])
    return tuple(found)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of Markdown: what blank lines part."""
    return [part.strip("\n") for part in _BLANK_LINES.split(text) if part.strip()]


def _rewritten(before: Sequence[str], after: Sequence[str]) -> list[Paragraph]:
    """Pair the paragraphs in their order; those left over are gone or new as a whole."""
    shared = min(len(before), len(after))
    found = [Paragraph(tuple(_by_word(*both))) for both in zip(before[:shared], after[:shared], strict=True)]
    found += [Paragraph((Piece("gone", text),)) for text in before[shared:]]
    return found + [Paragraph((Piece("new", text),)) for text in after[shared:]]


def _by_word(older: str, newer: str) -> list[Piece]:
    before, after = _WORD.findall(older), _WORD.findall(newer)
    if max(len(before), len(after)) > 2 * MANY_WORDS:
        return [Piece("gone", older), Piece("new", newer)]
    found: list[Piece] = []
    for what, i, j, m, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece("same", "".join(before[i:j])))
            continue
        found += [Piece("gone", "".join(before[i:j]))] if j > i else []
        found += [Piece("new", "".join(after[m:n]))] if n > m else []
    return found
