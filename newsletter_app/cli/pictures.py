"""The picture of an imported file: the one given, or one from the folder of the file or below."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from newsletter_app import media
from newsletter_app.media import Image
from newsletter_app.web.ports import ports


class Pictures:
    """Stores pictures and remembers which files are new, so that a failed import leaves none behind."""

    def __init__(self, *, given: Path | None, below: Path | None) -> None:
        """Take ``given`` for every file when it is set, else what each names, from ``below`` or"
        " its own folder."""
        self._given = given
        self._below = below
        self._folder = ports().settings.data_dir / "media"
        self._new: list[Path] = []

    def store(self, session: Session, file: Path, named: str) -> Image | None:
        """Return the stored picture of ``file``, which names it ``named`` ("" for none). Raises"
        " ClickException."""
        source = self._given or (self._found(file, named) if named else None)
        if source is None:
            return None
        standing = set(self._folder.iterdir()) if self._folder.is_dir() else set()
        image = media.store(session, self._folder, source.read_bytes(), ports().clock())
        self._new += {media.path(self._folder, image)} - standing
        return image

    def discard(self) -> None:
        """Delete the files that this import has written."""
        for path in self._new:
            path.unlink(missing_ok=True)

    def _found(self, file: Path, named: str) -> Path:
        below = (self._below or file.parent).resolve()
        path = (file.resolve().parent / named).resolve()
        if not path.is_relative_to(below):
            raise click.ClickException(
                f"the picture {named} lies outside the folder of this file. Move it there, or give"
                " it by --image."
            )
        if not path.is_file():
            raise click.ClickException(f"there is no picture {named}. Put it there, or give it by --image.")
        return path


@contextmanager
def kept_on_success(pictures: Pictures) -> Iterator[None]:
    """Discard the pictures when the block, a unit of work, ends in an error."""
    try:
        yield
    except BaseException:
        pictures.discard()
        raise
