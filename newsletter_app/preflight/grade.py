"""How many years of school a text asks of its readers, counted with the syllables of pyphen's patterns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from pyphen import Pyphen

from newsletter_app.kernel.languages import Language

FEWEST_WORDS: Final = 60  # The mean of fewer sentences says little.

_PATTERNS: Final[dict[Language, str]] = {"en": "en_US", "fr": "fr"}
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_VOWELS: Final = frozenset("aeiouàâäéèêëîïôöùûü")
_SENTENCE_END: Final = re.compile(r"[.!?…]+(?=\s|$)")
# Flesch's own scale of reading ease (How to Write Plain English, 1979): from this ease on, this year.
_YEARS: Final = ((90, 5), (80, 6), (70, 7), (60, 8.5), (50, 11), (30, 14))
_BEYOND: Final = 17


def school_year(blocks: Sequence[str], language: Language) -> float | None:
    """Return the school year whose pupils read ``blocks`` (paragraphs, list items); None for too few words.

    English by the formula of Kincaid, Fishburne, Rogers and Chissom (1975). French by reading ease as Kandel
    and Moles (1958) have fitted it to French, read on Flesch's scale of years.
    """
    words = [word for block in blocks for word in _WORD.findall(block)]
    if len(words) < FEWEST_WORDS:
        return None
    sentences = sum(_sentences(block) for block in blocks)
    a_sentence = len(words) / sentences
    a_word = sum(syllables(word, language) for word in words) / len(words)
    if language == "en":
        return max(0.0, 0.39 * a_sentence + 11.8 * a_word - 15.59)
    ease = 207 - 1.015 * a_sentence - 73.6 * a_word
    return next((year for least, year in _YEARS if ease >= least), _BEYOND)


def syllables(word: str, language: Language) -> int:
    """Return how many syllables ``word`` has, at least one: one more than the places it can be parted at.

    A vowel that begins a word is a syllable, though typesetters would not leave it behind alone.
    """
    places = _parting(language).positions(word)
    return len([place for place in places if place > 1 or word[0].casefold() in _VOWELS]) + 1


@cache
def _parting(language: Language) -> Pyphen:
    return Pyphen(lang=_PATTERNS[language], left=1)


def _sentences(block: str) -> int:
    """Return how many sentences a block has; a list item without a full stop is one."""
    ends = len(_SENTENCE_END.findall(block))
    return ends + bool(_WORD.search(_SENTENCE_END.split(block)[-1]))
