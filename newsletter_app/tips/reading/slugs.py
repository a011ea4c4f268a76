"""Makes the words of a tip's address out of its title: lower-case ASCII, at most 60 characters,
never empty.
"""

import re
import unicodedata

MAX_LENGTH = 60

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_APOSTROPHES = re.compile("['’ʼ]")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_FALLBACK = {"fr": "conseil"}


def slugify(title: str, language: str) -> str:
    """`l'eau` becomes `l-eau` in French, where the apostrophe parts words, and `don't` becomes `dont` in
    English.
    """
    joined = _APOSTROPHES.sub("-" if language == "fr" else "", title)
    spelled = unicodedata.normalize("NFKD", joined.lower().translate(_LETTERS))
    bare = "".join(letter for letter in spelled if not unicodedata.combining(letter))
    slug = _NO_WORD.sub("-", bare.translate(_LETTERS)).strip("-")
    return _cut(slug) or _FALLBACK.get(language, "tip")


def _cut(slug: str) -> str:
    """At most 60 characters, cut between words where there is a word to cut after."""
    if len(slug) <= MAX_LENGTH:
        return slug
    head, parting, _ = slug[: MAX_LENGTH + 1].rpartition("-")
    return head if parting else slug[:MAX_LENGTH]
