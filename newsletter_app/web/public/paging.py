"""Long lists in pages: which one is asked for, and the ways to the ones beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import request

PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a list of ``total`` rows; ``number`` counts from 1, and there is always a first page."""

    number: int
    total: int
    size: int = PER_PAGE

    @property
    def offset(self) -> int:
        """How many rows stand on the pages before."""
        return (self.number - 1) * self.size

    @property
    def count(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.size))

    @property
    def before(self) -> int | None:
        """The number of the page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The number of the page after."""
        return self.number + 1 if self.number < self.count else None


def leaf(total: int, size: int = PER_PAGE) -> Leaf:
    """Return the page that ``?page=`` asks for: the first for what is no number, the last beyond the end."""
    asked = request.args.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    last = Leaf(1, total, size).count
    return Leaf(min(max(1, number), last), total, size)
