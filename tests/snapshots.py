"""What costs much and is the same for many tests, made once: databases with rows, and compiled templates."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Hashable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

Value = TypeVar("Value")


@dataclass
class Snapshots:
    """States of a SQLite database by name, each with what its maker returned.

    A state is copied page by page in one transaction, so connections that are open already see it.
    """

    folder: Path
    kept: dict[Hashable, tuple[Path, bytes]] = field(default_factory=dict)

    def bring(self, name: Hashable, database: Path, make: Callable[[], Value]) -> Value:
        """Bring the database to the state ``name``; return what ``make`` gave when it made that state."""
        if name not in self.kept:
            made = make()
            kept = self.folder / f"{len(self.kept)}.db"
            copy(database, kept)
            self.kept[name] = (kept, pickle.dumps(made))
            return made
        kept, pickled = self.kept[name]
        copy(kept, database)
        again: Value = pickle.loads(pickled)
        return again


def copy(source: Path, target: Path) -> None:
    """Copy the content of one SQLite database over that of another."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


class CompiledTemplates(BytecodeCache):
    """Templates compiled in this process; one whose source has changed is compiled anew."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand back the code of this very source, if there is any."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        self.codes[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = CompiledTemplates()
