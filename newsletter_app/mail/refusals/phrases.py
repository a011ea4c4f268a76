"""The table of words, as read from ``phrases.toml`` and compiled by the first refusal of a process."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from newsletter_app.mail.refusals.meanings import Kind, Reason, Verdict

FILE: Final = Path(__file__).with_name("phrases.toml")
GAP: Final = "[^.;]{0,60}"
_NAME: Final = re.compile(r"<([a-z]+)>")


class Phrase(NamedTuple):
    """One row: what is looked for, what it means, where it is documented, and what is searched with."""

    patterns: tuple[str, ...]
    verdict: Verdict
    source: str
    compiled: re.Pattern[str]


class Phrases(NamedTuple):
    """Rows that outweigh codes, and hints that only fill their silence; each in the order it is asked."""

    rows: tuple[Phrase, ...]
    hints: tuple[Phrase, ...]


@cache
def phrases() -> Phrases:
    """Return the table. Raises ValueError or KeyError for a row that is none (a test reads them all)."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    words = _resolved(table["words"])
    rows, hints = (tuple(_phrase(row, words) for row in table[name]) for name in ("rows", "hints"))
    return Phrases(rows, hints)


def first(rows: tuple[Phrase, ...], words: str) -> Verdict | None:
    """Return what the first row says that is found in ``words``, or None."""
    return next((row.verdict for row in rows if row.compiled.search(words)), None)


def _phrase(row: Mapping[str, Any], words: Mapping[str, str]) -> Phrase:
    patterns = tuple(row["patterns"])
    whole = "|".join(_filled(pattern.replace("...", GAP), words) for pattern in patterns)
    return Phrase(
        patterns, Verdict(Kind(row["kind"]), Reason(row["reason"])), row["source"], re.compile(whole)
    )


def _resolved(words: Mapping[str, str]) -> dict[str, str]:
    """Return each name with its alternatives as a group; a name may stand in those below it."""
    resolved: dict[str, str] = {}
    for name, alternatives in words.items():
        resolved[name] = f"(?:{_filled(alternatives, resolved)})"
    return resolved


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: words[found[1]], pattern)
