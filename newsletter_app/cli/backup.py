"""``flask backup`` and ``flask restore``: one archive of database, uploads and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from config import Settings
from newsletter_app.adapters import backup as archives
from newsletter_app.adapters.archive import ArchiveRefused, Manifest
from newsletter_app.adapters.backup import BackupRefused
from newsletter_app.adapters.database_copy import CopyRefused
from newsletter_app.adapters.instance_lock import AlreadyRunning
from newsletter_app.kernel.clock import utc_now

a_path = click.Path(path_type=Path, dir_okay=False)


@click.command("backup")
@click.argument("target", type=a_path, required=False)
@with_appcontext
def backup(target: Path | None) -> None:
    """Write everything into one file, TARGET or a dated one in DATA_DIR/backups. It holds every key."""
    settings, now = _settings(), utc_now()
    target = target or settings.data_dir / "backups" / f"newsletter-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    manifest = _in_words(lambda: archives.backup(settings, target, now))
    click.echo(f"{target}: {len(manifest.files)} files. Keep it safe: whoever reads it holds the keys.")
    if settings.bucket is not None:
        click.echo(f"Pictures are not in it: they lie in {settings.bucket}. Have that backed up too.")


@click.command("restore")
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Move what stands here aside (DATA_DIR/before-restore-…).")
@with_appcontext
def restore(archive: Path, replace: bool) -> None:
    """Make this installation what ARCHIVE holds. Sending stays locked until somebody unlocks it."""
    settings = _settings()
    manifest = _in_words(lambda: archives.restore(settings, archive, utc_now(), replace=replace))
    click.echo(f"Restored the backup of {manifest.created_at}. Start the product; sending stays locked")
    click.echo("until you have looked at who left or was mailed since then and unlock it.")
    if settings.bucket is not None:
        click.echo(f"Pictures stay as they are in {settings.bucket}; `flask pictures check` tells whether")
        click.echo("all are there, and `flask pictures upload` copies those that the backup held.")
    elif not any(name.startswith("media/") for name in manifest.files):
        click.echo("The backup holds no pictures; `flask pictures check` tells whether any are missing.")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["ports"].settings
    return settings


def _in_words(act: Callable[[], Manifest]) -> Manifest:
    try:
        return act()
    except (BackupRefused, ArchiveRefused, CopyRefused, AlreadyRunning) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except OSError as fault:
        raise click.ClickException(f"{fault.filename or 'The archive'}: {fault.strerror}.") from fault
