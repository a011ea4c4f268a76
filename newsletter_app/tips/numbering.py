"""References in the order in which a side cites them; what is stored keeps the numbers its author gave."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from newsletter_app.tips.models import Reference, Tip, TipSide
from newsletter_app.tips.queries import references_of

CITATION: Final = re.compile(r"\[\^(\d{1,3})\]")


class Numbered(NamedTuple):
    """A side's lead and body as Markdown, whose ``[^n]`` is the n-th of ``references``."""

    lead: str
    body: str
    references: tuple[Reference, ...]


def numbered(tip: Tip, side: TipSide) -> Numbered:
    """Return what is shown of a side, with its sources numbered as a reader meets them.

    The two sides of a tip share their sources, but may cite them in another order.
    """
    sources = references_of(tip)
    order = citing_order(f"{side.lead}\n\n{side.body}", len(sources))
    numbers = {old: new for new, old in enumerate(order, start=1)}
    lead, body = renumber(side.lead, numbers), renumber(side.body, numbers)
    return Numbered(lead, body, tuple(sources[old - 1] for old in order))


def citing_order(text: str, count: int) -> tuple[int, ...]:
    """Return the numbers 1 to ``count`` in the order of their first citation; those never cited come last."""
    cited = (int(found[1]) for found in CITATION.finditer(text))
    return tuple(dict.fromkeys([*(number for number in cited if 0 < number <= count), *range(1, count + 1)]))


def renumber(text: str, numbers: dict[int, int]) -> str:
    """Return ``text`` with its citations under their new numbers; one that is no source's stays."""
    return CITATION.sub(lambda found: f"[^{numbers.get(int(found[1]), int(found[1]))}]", text)
