"""Words as the search compares them: lower-case, without accents, cut to their stems; it knows no database.

Stemming here and not in the database gives SQLite and PostgreSQL the same answers (docs/decisions/0016).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

from Stemmer import Stemmer

from newsletter_app.kernel.languages import Language

# A tip may have a million characters, but no more of it is worth finding, and an index has its limits (S35).
MOST_INDEXED: Final = 20_000
MOST_ASKED: Final = 8
LONGEST_QUESTION: Final = 200
_NAMES: Final[dict[Language, str]] = {"en": "english", "fr": "french"}
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "’": "'"})
# "don't" is one word, "l'eau" two; of a word the letters and digits are kept, which no query language reads.
_ENGLISH_END: Final = re.compile(r"'(?:s|t|re|ve|ll|d|m)\b")
_WORD: Final = re.compile(r"[a-z0-9]{1,40}")
# Marks of citations and the addresses of links are nothing that a reader looks for.
_MARKUP: Final = re.compile(r"\[\^\d{1,3}\]|\]\([^)\s]{0,500}\)")


def stems(text: str, language: Language) -> str:
    """Return the stems of a text in its order, with spaces between; each is of a-z and 0-9 alone."""
    return " ".join(islice(_stems(_MARKUP.sub(" ", text), language), MOST_INDEXED))


def question(text: str, language: Language) -> tuple[str, ...]:
    """Return the stems that somebody looks for, each once, eight at most; none where no word was typed."""
    return tuple(islice(dict.fromkeys(_stems(text[:LONGEST_QUESTION], language)), MOST_ASKED))


def _stems(text: str, language: Language) -> Iterator[str]:
    # One for each text: a stemmer keeps the words it has met, so threads must not share it.
    stemmer = Stemmer(_NAMES[language])
    for found in _WORD.finditer(_folded(text, language)):
        word = found[0]
        # A single letter is what elision leaves ("l'eau", "d'ici"); a digit may be meant.
        if len(word) > 1 or word.isdigit():
            yield str(stemmer.stemWord(word)) or word


def _folded(text: str, language: Language) -> str:
    spelled = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    bare = "".join(sign for sign in spelled if not unicodedata.combining(sign))
    return _ENGLISH_END.sub("", bare) if language == "en" else bare
