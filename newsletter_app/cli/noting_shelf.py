"""A shelf that remembers what is new on it, so that a failed import can take it away again."""

from __future__ import annotations

from newsletter_app.media import Shelf


class NotingShelf:
    """Any shelf, and the names that were not there before."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep everything on ``shelf``."""
        self._shelf = shelf
        self.new: set[str] = set()

    def keep(self, name: str, content: bytes, mime: str) -> None:
        """Keep a file, and note its name if it is new."""
        if not self._shelf.holds(name):
            self.new.add(name)
        self._shelf.keep(name, content, mime)

    def read(self, name: str) -> bytes | None:
        """Return what the shelf holds."""
        return self._shelf.read(name)

    def holds(self, name: str) -> bool:
        """Tell whether the shelf holds it."""
        return self._shelf.holds(name)

    def drop(self, name: str) -> None:
        """Let go of a file."""
        self._shelf.drop(name)
