"""A finding of preflight: one thing that is wrong, by code; it has no words and mends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BLOCKS: Final = "blocks"
WARNS: Final = "warns"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code, whether it blocks or warns, and where (a language, a part)."""

    code: str
    level: str
    where: str = ""
