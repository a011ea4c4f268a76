"""Backup and restore of one installation: database, uploads, keys; a restored one sends nothing by itself."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from alembic.script import ScriptDirectory

from config import ROOT, Settings
from newsletter_app.adapters import archive, database_copy
from newsletter_app.adapters.archive import DATABASES, FORMAT, Manifest
from newsletter_app.adapters.instance_lock import InstanceLock

MARKER: Final = "restored"
MIGRATIONS: Final = ROOT / "newsletter_app" / "migrations"


class BackupRefused(Exception):
    """Nothing was backed up or restored; the text is one sentence that says what to do."""


def backup(settings: Settings, target: Path, now: datetime) -> Manifest:
    """Write one archive of ``settings``' installation to ``target``, while it runs or not.

    Keys are those in force, wherever they came from. Raises BackupRefused, CopyRefused, OSError.
    """
    revision = database_copy.revision_of(settings.database_url)
    if revision is None:
        raise BackupRefused("There is no database to back up yet: start the product once.")
    dialect = database_copy.dialect_of(settings.database_url)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _workshop(target.parent) as folder:
        # The database first: an upload that it names is then on disk already.
        database_copy.copy_out(settings.database_url, folder / DATABASES[dialect])
        _gather_files(settings, folder)
        manifest = Manifest(FORMAT, _product(), dialect, revision, now.isoformat(), archive.hashes(folder))
        archive.write(target, manifest, folder)
    return manifest


def restore(settings: Settings, source: Path, now: datetime, *, replace: bool = False) -> Manifest:
    """Make the installation what ``source`` holds; what stood there is moved aside, if ``replace`` allows it.

    Leaves ``DATA_DIR/restored``, upon which sending stays locked until a person unlocks it: the
    database knows nothing of who left or was mailed since (S33). Raises BackupRefused,
    AlreadyRunning, archive.ArchiveRefused, database_copy.CopyRefused, OSError.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(InstanceLock(settings.data_dir)), _workshop(settings.data_dir) as folder:
        manifest = archive.read(source, folder)
        _refuse_unfit(settings, manifest, replace)
        # Before anything is moved: a restore that was cut off must not send either.
        _leave_marker(settings.data_dir, manifest, now)
        _move_aside(settings, folder, now)
        database_copy.copy_in(folder / DATABASES[manifest.dialect], settings.database_url)
        database_copy.skip_ids(settings.database_url)
        for name, place in _places(settings).items():
            if (folder / name).exists():
                shutil.copytree(folder / name, place, dirs_exist_ok=True)
                place.chmod(0o700)
    return manifest


def _refuse_unfit(settings: Settings, manifest: Manifest, replace: bool) -> None:
    dialect = database_copy.dialect_of(settings.database_url)
    if manifest.dialect != dialect:
        raise BackupRefused(
            f"The backup is of {manifest.dialect}, but DATABASE_URL is {dialect}: set it to match."
        )
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest.revision not in known:
        raise BackupRefused("The backup was made by a newer version: install that one, then restore.")
    if not replace and database_copy.is_occupied(settings.database_url):
        raise BackupRefused("There is a database here already: add --replace to move it aside.")


def _move_aside(settings: Settings, coming: Path, now: datetime) -> None:
    """Move what a restore brings out of the way; journals stay, for they tell what was sent since."""
    aside = settings.data_dir / f"before-restore-{now:%Y%m%dT%H%M%S.%fZ}"
    aside.mkdir(mode=0o700)
    database_copy.move_aside(settings.database_url, aside)
    places = _places(settings)
    if not (coming / "dkim").exists():
        # It may stand outside DATA_DIR, and a backup without DKIM keys has no word on it.
        del places["dkim"]
    for name, place in {**places, "broker": settings.data_dir / "broker"}.items():
        if place.exists():
            shutil.move(place, aside / name)


def _places(settings: Settings) -> dict[str, Path]:
    data_dir = settings.data_dir
    return {"keys": data_dir / "keys", "media": data_dir / "media", "dkim": settings.dkim_dir}


def _gather_files(settings: Settings, folder: Path) -> None:
    # A bucket is backed up by whoever keeps it: here each backup would fetch every picture once more.
    for name in ("dkim",) if settings.bucket else ("media", "dkim"):
        place = _places(settings)[name]
        if place.is_dir():
            shutil.copytree(place, folder / name)
    (folder / "keys").mkdir(mode=0o700)
    link_keys = "\n".join(key.decode() for key in settings.link_keys)
    keys = {"secret_key": settings.secret_key, "link_keys": link_keys, "hash_key": settings.hash_key.decode()}
    for name, text in keys.items():
        (folder / "keys" / name).write_text(f"{text}\n", encoding="utf-8")


def _leave_marker(data_dir: Path, manifest: Manifest, now: datetime) -> None:
    facts = {"created_at": manifest.created_at, "restored_at": now.isoformat(), "revision": manifest.revision}
    descriptor = os.open(data_dir / MARKER, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    # Beside the goal, not in /tmp: it holds keys and every address, and /tmp may be too small.
    with tempfile.TemporaryDirectory(prefix=".archive-", dir=beside) as folder:
        yield Path(folder)


def _product() -> str:
    try:
        return version("newsletter-app")
    except PackageNotFoundError:
        return "checkout"
