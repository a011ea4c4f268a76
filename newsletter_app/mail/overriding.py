"""Templates of which a folder may hold its own ones instead of the shared ones; it renders nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, Environment, FileSystemLoader, TemplateNotFound

SHARED: Final = "shared/"


class OverridingLoader(BaseLoader):
    """Looks for ``email/digest/x`` in ``own`` (``email/digest/events``) first, then where it says.

    ``shared/email/digest/x`` is never looked for in ``own``, so that a template there can extend the one
    that it stands in for. Files that come or go are noticed by the next mail.
    """

    def __init__(self, folder: Path, own: str) -> None:
        """Take templates from below ``folder``; ``own`` lies below it too."""
        self._files = FileSystemLoader(folder)
        self._folder, self._own = folder, own
        self._instead_of = own.rpartition("/")[0] + "/"

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return the source, its file and whether it is still the one to take. Raises TemplateNotFound."""
        if template.startswith(SHARED):
            return self._files.get_source(environment, template.removeprefix(SHARED))
        if not template.startswith(self._instead_of):
            return self._files.get_source(environment, template)
        own = f"{self._own}/{template.removeprefix(self._instead_of)}"
        try:
            return self._files.get_source(environment, own)
        except TemplateNotFound:
            source, file, is_current = self._files.get_source(environment, template)
            return source, file, lambda: is_current() and not (self._folder / own).exists()
