"""The archive format: a manifest of hashes, then files, in one .tar.gz; it writes nowhere else."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASES: Final = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
FOLDERS: Final = ("keys", "media", "dkim")
MANIFEST_OCTETS: Final = 64 * 1024 * 1024


class ArchiveRefused(Exception):
    """The file is no archive of ours, or was damaged or changed; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself; ``files`` maps each name in it to its SHA-256."""

    format: int
    product: str
    dialect: str
    revision: str
    created_at: str
    files: Mapping[str, str]


def write(target: Path, manifest: Manifest, folder: Path) -> None:
    """Write the files of ``folder`` that ``manifest`` lists into ``target``, readable by its owner only.

    The archive appears under its name whole or not at all. Raises OSError.
    """
    draft = target.with_name(f".{target.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                _add_manifest(tar, manifest)
                for name in sorted(manifest.files):
                    tar.add(folder / name, arcname=name, recursive=False, filter=_anonymous)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def read(source: Path, folder: Path) -> Manifest:
    """Unpack ``source`` into the empty ``folder`` and return its manifest, all of it verified.

    Only plain files with the names this format knows are written, whatever the archive claims: no
    link, no device, no path that leads out (tarfile's own filter is missing from some Python 3.11).
    Raises ArchiveRefused.
    """
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            manifest = _read_manifest(tar)
            while (member := tar.next()) is not None:
                _unpack(tar, member, manifest, folder)
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as fault:
        raise ArchiveRefused(
            f"{source} cannot be read as a backup: it is damaged, or something else."
        ) from fault
    missing = manifest.files.keys() - set(hashes(folder))
    if missing:
        raise ArchiveRefused(f"{source} lacks {min(missing)}: it is damaged; take another backup.")
    return manifest


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under ``folder`` by its relative name."""
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    content = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first and first.name == MANIFEST else None
    if content is None:
        raise ValueError("an archive begins with its manifest")
    manifest = Manifest(**json.loads(content.read(MANIFEST_OCTETS)))
    if manifest.format != FORMAT or manifest.dialect not in DATABASES:
        raise ValueError("a format of another time")
    return manifest


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, manifest: Manifest, folder: Path) -> None:
    content = tar.extractfile(member) if member.isreg() else None
    if content is None or member.name not in manifest.files or not _is_ours(member.name):
        raise ValueError("a member that a backup never holds")
    path = folder / member.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file)
    if _sha256(path) != manifest.files[member.name]:
        raise ValueError("a file that was changed")


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if ".." in parts or name != "/".join(parts):
        return False
    return name in DATABASES.values() or (len(parts) > 1 and parts[0] in FOLDERS)
