"""CSV as spreadsheets make it, read with any usual separator and encoding."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

MOST_OCTETS: Final = 50 * 1024 * 1024
MOST_ROWS: Final = 1_000_000
SEPARATORS: Final = ",;\t"


def read_rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not empty (from 1) and its cells, without white space around.

    Raises ClickException for a file that is too large, has too many lines, or is no text.
    """
    if file.stat().st_size > MOST_OCTETS:
        raise click.ClickException(f"{file.name} has more than 50 MB. Split it.")
    text = _decoded(file)
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if reader.line_num > MOST_ROWS:
                raise click.ClickException(f"{file.name} has more than a million lines. Split it.")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as fault:
        raise click.ClickException(
            f"{file.name}, line {reader.line_num}: this is no CSV ({fault})."
        ) from fault


def _decoded(file: Path) -> str:
    octets = file.read_bytes()
    if b"\0" in octets:
        raise click.ClickException(f"{file.name} is no text. Save it as CSV (UTF-8).")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("cp1252", errors="replace")
