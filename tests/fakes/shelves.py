"""Shelves that watch, interfere or fill up while pictures are kept on them."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from newsletter_app.media import DiskShelf


class WatchfulShelf(DiskShelf):
    """A folder that tries, whenever it is asked for something, whether others could write to the database."""

    def __init__(self, folder: Path, database: Path) -> None:
        """Keep files in ``folder`` and watch the SQLite file ``database``."""
        super().__init__(folder)
        self.folder = folder
        self._database = database
        self.kept: list[str] = []
        self.looked: list[str] = []
        self.shut_out: list[str] = []

    def keep(self, name: str, content: bytes, mime: str) -> None:
        """Keep the file, after a look."""
        self._look(name)
        self.kept.append(name)
        super().keep(name, content, mime)

    def read(self, name: str) -> bytes | None:
        """Return the file's content, after a look."""
        self._look(name)
        return super().read(name)

    def holds(self, name: str) -> bool:
        """Tell whether the file is there, after a look."""
        self._look(name)
        return super().holds(name)

    def drop(self, name: str) -> None:
        """Delete the file, after a look."""
        self._look(name)
        super().drop(name)

    def _look(self, name: str) -> None:
        self.looked.append(name)
        with closing(sqlite3.connect(self._database, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self.shut_out.append(name)


class InterruptedShelf(DiskShelf):
    """A folder beside which something else happens, once, as soon as a first file is kept there."""

    def __init__(self, folder: Path, meanwhile: Callable[[], None]) -> None:
        """Keep files in ``folder``; ``meanwhile`` is what happens."""
        super().__init__(folder)
        self._meanwhile: Callable[[], None] | None = meanwhile

    def keep(self, name: str, content: bytes, mime: str) -> None:
        """Keep the file; with the first, let the other thing happen."""
        super().keep(name, content, mime)
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()


class FullShelf(DiskShelf):
    """A folder on a disk that has room for so many files."""

    def __init__(self, folder: Path, room: int) -> None:
        """Keep ``room`` files in ``folder`` and refuse the next."""
        super().__init__(folder)
        self._room = room

    def keep(self, name: str, content: bytes, mime: str) -> None:
        """Keep the file. Raises OSError when there is no room for it."""
        if self._room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._room -= 1
        super().keep(name, content, mime)
