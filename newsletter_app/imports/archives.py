"""Opens zip archives, a DOCX among them; refuses one that unpacks to more than anybody would import (S18)."""

from __future__ import annotations

import io
import lzma
import posixpath
import zipfile
import zlib
from typing import Final

from newsletter_app.tips import ImportFault, Unreadable

MAX_MEMBERS: Final = 5_000
MAX_MEMBER_OCTETS: Final = 50_000_000
MAX_OCTETS: Final = 500_000_000
# Text packs to a tenth; what packs to a thousandth was made to fill a disk.
MAX_RATIO: Final = 200
RATIO_COUNTS_FROM: Final = 1_000_000
# What Python's reader says of a damaged or locked archive, and what its decompressors say.
_DAMAGED = (
    *(zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError),
    *(zlib.error, lzma.LZMAError),
)


class Archive:
    """The members of a zip by name; ``read`` gives the bytes of one. Nothing is ever unpacked to disk."""

    def __init__(self, content: bytes) -> None:
        """Look through the table of contents. Raises Unreadable: archive-damaged, archive-bomb."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _DAMAGED as fault:
            raise Unreadable(ImportFault(1, "archive-damaged")) from fault
        members = [member for member in self._zip.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_OCTETS:
            raise Unreadable(ImportFault(1, "archive-bomb"))
        if any(_is_bomb(member) for member in members):
            raise Unreadable(ImportFault(1, "archive-bomb"))
        self._members = {member.filename: member for member in members}

    @property
    def names(self) -> list[str]:
        """The names of the files in it, in their order, without what a Mac adds for itself."""
        return [name for name in self._members if not _is_junk(name)]

    @property
    def all_names(self) -> list[str]:
        """The names of all files in it, in their order."""
        return list(self._members)

    def read(self, name: str) -> bytes | None:
        """The bytes of a member, None when there is none of this name. Raises Unreadable: archive-damaged."""
        member = self._members.get(name)
        if member is None:
            return None
        try:
            with self._zip.open(member) as stream:
                # A member that lies about its size is cut there; its checksum then tells.
                return stream.read(member.file_size + 1)
        except _DAMAGED as fault:
            raise Unreadable(ImportFault(1, "archive-damaged")) from fault


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    packed = max(member.compress_size, 1)
    many_times = member.file_size > RATIO_COUNTS_FROM and member.file_size / packed > MAX_RATIO
    return many_times or member.file_size > MAX_MEMBER_OCTETS


def _is_junk(name: str) -> bool:
    return name.startswith("__MACOSX/") or posixpath.basename(name).startswith(".")
