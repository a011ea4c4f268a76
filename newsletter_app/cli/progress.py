"""How far a long command is: a bar beside the results, on a terminal only; nothing where output is a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import click

FEW: Final = 5
One = TypeVar("One")


@contextmanager
def progress(of: Sequence[One], label: str) -> Iterator[Iterator[One]]:
    """Give ``of`` one after the other and show how many are done; a few are done before anybody asks."""
    if len(of) <= FEW or not sys.stderr.isatty():
        yield iter(of)
        return
    with click.progressbar(of, label=label, show_pos=True, file=sys.stderr) as counted:
        yield iter(counted)
