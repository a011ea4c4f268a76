"""Where the files of pictures lie: a port with one answer on disk and another in a bucket (bucket.py)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Protocol


class Shelf(Protocol):
    """Files by their name; a name's content never changes. Each method raises OSError where it fails."""

    def keep(self, name: str, content: bytes, mime: str) -> None:
        """Keep ``content`` under ``name``, whole or not at all."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return the content kept under ``name``, or None where there is none."""
        ...

    def holds(self, name: str) -> bool:
        """Tell whether there is anything under ``name``."""
        ...

    def drop(self, name: str) -> None:
        """Let go of ``name``; what is not there is gone already."""
        ...


class DiskShelf:
    """Files in one folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        """Keep them in ``folder``."""
        self._folder = folder

    def keep(self, name: str, content: bytes, mime: str) -> None:
        """Write a file beside its place, then move it there: nobody reads half of one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # Two imports may make the same lost file again at once; neither writes into what the other moves.
        part = self._folder / f"{name}.{secrets.token_hex(4)}.part"
        try:
            part.write_bytes(content)
            os.replace(part, self._folder / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def read(self, name: str) -> bytes | None:
        """Return the file's content, or None."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def holds(self, name: str) -> bool:
        """Tell whether the file is there."""
        return (self._folder / name).is_file()

    def drop(self, name: str) -> None:
        """Delete the file."""
        (self._folder / name).unlink(missing_ok=True)
