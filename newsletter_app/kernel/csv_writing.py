"""CSV that spreadsheets take for what it is (RFC 4180): no cell is a formula (S17)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\0")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines one by one; a cell that would be taken for a formula begins with an apostrophe."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    for cells in chain([header], rows):
        writer.writerow([_harmless(cell) for cell in cells])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def written(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the whole as one text."""
    return "".join(csv_lines(header, rows))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
