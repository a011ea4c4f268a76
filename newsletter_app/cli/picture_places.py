"""Where pictures may lie: a folder, an archive, a file inside an archive; nothing outside of it is read."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote

import click

from newsletter_app.cli.read_files import ReadFile
from newsletter_app.imports import Archive
from newsletter_app.media import MAX_OCTETS
from newsletter_app.tips import Unreadable

ARCHIVES: Final = (".zip", ".docx")


class Place(Protocol):
    """Somewhere a picture is looked for by the name that a document gives it."""

    def read(self, named: str) -> bytes | None:
        """Return the bytes, None where there is no such picture. Raises ClickException."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: names are taken from ``start``, which lies in it; one that leads out is refused."""

    start: Path
    below: Path

    def read(self, named: str) -> bytes | None:
        """See Place."""
        for name in dict.fromkeys([named, unquote(named.partition("?")[0])]):
            try:
                path = (self.start / name).resolve()
            except (OSError, ValueError):
                # No file system has such a name.
                continue
            if not path.is_relative_to(self.below.resolve()):
                raise click.ClickException(
                    f"the picture {named} lies outside the folder of this file. Move it there, or give"
                    " it by --image."
                )
            if path.is_file():
                # One more than is allowed, so that the check of its size can tell.
                with path.open("rb") as file:
                    return file.read(MAX_OCTETS + 1)
        return None


class Nowhere:
    """The folder of a file that is not there: it holds nothing."""

    def read(self, named: str) -> bytes | None:
        """See Place."""
        return None


@dataclass(frozen=True, slots=True)
class Members:
    """An archive: names are taken from beside ``member`` ("" from its top)."""

    archive: Archive
    member: str = ""

    def read(self, named: str) -> bytes | None:
        """See Place."""
        names = dict.fromkeys([named, unquote(named.partition("?")[0])])
        beside = [posixpath.normpath(posixpath.join(posixpath.dirname(self.member), name)) for name in names]
        return next((found for name in beside if (found := self.archive.read(name)) is not None), None)


@dataclass(frozen=True, slots=True)
class Uploads:
    """A zip of pictures: a name is also found in a folder that was packed with them, where only one fits."""

    archive: Archive

    def read(self, named: str) -> bytes | None:
        """See Place."""
        fitting = [name for name in self.archive.names if name == named or name.endswith(f"/{named}")]
        return self.archive.read(fitting[0]) if len(fitting) == 1 else None


def place_of(path: Path) -> Place:
    """Return the folder or zip that somebody named. Raises ClickException."""
    return Folder(path, path) if path.is_dir() else Uploads(_opened(path))


def own_place(file: ReadFile, below: Path | None) -> Place:
    """Return where a document's own pictures lie."""
    path, member = file.path, file.document.member
    if path.suffix.lower() not in ARCHIVES:
        # A review comes from anywhere, too: "from: /x" would make a document's folder of the whole disk.
        return Folder(path.resolve().parent, below or path.parent) if path.is_file() else Nowhere()
    archive = _opened(path)
    if member.lower().endswith(".docx"):
        return Members(_inside(path, member))
    return Members(archive, member)


@lru_cache(maxsize=2)
def _opened(path: Path) -> Archive:
    """An archive is opened once, not for each of its documents again."""
    try:
        return _archive(path.read_bytes(), path.name)
    except OSError as fault:
        raise click.ClickException(f"{path} cannot be read any more ({fault.strerror}).") from fault


@lru_cache(maxsize=1)
def _inside(path: Path, member: str) -> Archive:
    return _archive(_opened(path).read(member) or b"", member)


def _archive(content: bytes, name: str) -> Archive:
    try:
        return Archive(content)
    except Unreadable as unreadable:
        raise click.ClickException(
            f"{name} cannot be opened as an archive. Is it a whole .zip?"
        ) from unreadable
