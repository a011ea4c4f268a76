"""Passwords: judged by length, a list of common ones and the words around them; kept as Argon2id (S21).

There is no rule about kinds of characters, and none expires (NIST SP 800-63B-4, 3.1.1.2).
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SHORTEST: Final = 15
SHORTEST_BESIDE_A_CODE: Final = 8
# Far over the 64 that must be allowed; without an end, hashing would be a way to keep us busy.
LONGEST: Final = 512
# OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
SALT_OCTETS: Final = 16
HASH_OCTETS: Final = 32
# Compared where nobody has that address, so that the answer takes as long (S22). No word hashes to it.
OF_NOBODY: Final = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
SHORTEST_WORD: Final = 4
_LETTERS: Final = re.compile(r"[^\W\d_]+")


def judge(password: str, *, beside_a_code: bool, words: Iterable[str] = ()) -> str | None:
    """Return why this password is refused, or None: "short", "long", "common" or "obvious".

    ``words`` are what an attacker knows: the organisation's names, the person's address.
    """
    plain = _normal(password)
    if len(plain) < (SHORTEST_BESIDE_A_CODE if beside_a_code else SHORTEST):
        return "short"
    if len(plain) > LONGEST:
        return "long"
    if plain.lower() in common() or len(set(plain)) < SHORTEST_WORD:
        return "common"
    return "obvious" if _is_made_of(plain, words) else None


def hashed(password: str) -> str:
    """Return what is kept: Argon2id with its salt and parameters (the PHC string form)."""
    kept = Argon2id(
        salt=os.urandom(SALT_OCTETS), length=HASH_OCTETS, iterations=PASSES, lanes=1, memory_cost=MEMORY_KIB
    )
    return kept.derive_phc_encoded(_normal(password).encode())


def matches(password: str, kept: str) -> bool:
    """Tell whether this is the password; it takes as long where nothing is kept."""
    try:
        Argon2id.verify_phc_encoded(_normal(password)[: LONGEST + 1].encode(), kept or OF_NOBODY)
    except InvalidKey:
        return False
    return bool(kept)


@cache
def common() -> frozenset[str]:
    """Return the 3,000 most common passwords of eight characters or more (zxcvbn's ranking, MIT)."""
    path = Path(__file__).with_name("common_passwords.txt")
    return frozenset(path.read_text(encoding="utf-8").split())


def _normal(password: str) -> str:
    # One word typed on two keyboards must be one word (NIST SP 800-63B-4, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _is_made_of(password: str, words: Iterable[str]) -> bool:
    """Tell whether known words are more than half of it."""
    rest = password.lower()
    known = {part.lower() for word in words for part in _LETTERS.findall(word)}
    for part in sorted((part for part in known if len(part) >= SHORTEST_WORD), key=len, reverse=True):
        rest = rest.replace(part, "")
    return len(rest) * 2 < len(password)
