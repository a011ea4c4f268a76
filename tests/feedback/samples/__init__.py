"""The samples of flufl.bounce's source distribution, and what each was found to be when it was read."""

from __future__ import annotations

import csv
import tarfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Found(NamedTuple):
    """One line of the table: what a sample is, checked by hand."""

    sample: str
    shape: str
    action: str
    verdicts: list[str]
    addresses: list[str]
    remark: str


@cache
def samples() -> dict[str, bytes]:
    """Return name → octets."""
    with tarfile.open(HERE / "flufl.bounce-6.0.0.tar.xz") as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(".txt")]
        return {Path(member.name).stem: archive.extractfile(member).read() for member in members}


@cache
def table() -> tuple[Found, ...]:
    """Return every line of the table."""
    with (HERE / "table.tsv").open(newline="") as lines:
        _head, *rows = csv.reader(lines, delimiter="\t")
    return tuple(
        Found(name, shape, action, _words(verdicts), _words(addresses), remark)
        for name, shape, action, verdicts, addresses, remark in rows
    )


def _words(cell: str) -> list[str]:
    return [] if cell == "-" else cell.split()
