"""Guesses whether a text is English or French by the small words only one of them has; says None when it
cannot tell.
"""

import re
from collections import Counter

_WORDS = re.compile(r"[^\W\d_]+")
_ENGLISH = "the and of to is are with your you for that it can this from be or as by have has what"
_FRENCH = "le la les et des du de est sont avec votre vous pour que une dans ce cette par ou vos qui"
_SMALL_WORDS = {"en": frozenset(_ENGLISH.split()), "fr": frozenset(_FRENCH.split())}


def guess_language(text: str) -> str | None:
    """Says "en" or "fr" when one has at least two small words more than the other and twice as
    many, else None.
    """
    counts = Counter(_WORDS.findall(text.lower()))
    scores = {language: sum(counts[word] for word in words) for language, words in _SMALL_WORDS.items()}
    best, other = sorted(scores, key=lambda language: scores[language], reverse=True)
    clear = scores[best] >= scores[other] + 2 and scores[best] >= 2 * scores[other]
    return best if clear else None
