"""A finding of preflight: one thing that is wrong, by code; it has no words and mends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BLOCKS: Final = "blocks"
WARNS: Final = "warns"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code, whether it blocks or warns, where (a language, a part), and what it
    is about (the words of a link, a number).
    """

    code: str
    level: str
    where: str = ""
    about: str = ""
