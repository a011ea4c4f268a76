"""A maildir as a way in: new mails in the order they came, each moved to ``cur`` once it was taken.

https://cr.yp.to/proto/maildir.html. What is no plain file, or cannot be read, stays where it is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MAX_OCTETS: Final = 10 * 1024 * 1024  # More of one mail is never read.
SEEN: Final = ":2,S"


class NoMaildir(ValueError):
    """The folder has no ``new`` and ``cur``."""


class Maildir:
    """The mails that a server put into a folder."""

    def __init__(self, folder: Path) -> None:
        """Look at ``folder``. Raises NoMaildir."""
        self._new, self._cur = folder / "new", folder / "cur"
        if not (self._new.is_dir() and self._cur.is_dir()):
            raise NoMaildir(str(folder))

    def names(self) -> Iterator[str]:
        """Yield the names of new mails in the order in which they came, which begin with the time."""
        yield from sorted(entry.name for entry in os.scandir(self._new) if not entry.name.startswith("."))

    def read(self, name: str) -> bytes | None:
        """Return the octets of a new mail, None where it is no plain file or cannot be read.

        A link could lead to any file of this machine, and a pipe would be waited for.
        """
        try:
            handle = os.open(self._new / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            with open(handle, "rb", closefd=False) as file:
                return file.read(MAX_OCTETS)
        finally:
            os.close(handle)

    def done(self, name: str) -> None:
        """Move a mail to ``cur``, as read. Raises OSError."""
        (self._new / name).rename(self._cur / (name.partition(":")[0] + SEEN))
