"""``flask pictures``: whether every file is where MEDIA_URL says; brings there what lies in DATA_DIR."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup

from newsletter_app import media
from newsletter_app.cli.terms import refusing
from newsletter_app.media import DiskShelf
from newsletter_app.web.ports import ports

pictures = AppGroup("pictures", help="Where the files of pictures lie.")


@pictures.command("check")
@refusing
def check() -> None:
    """Look whether every picture has its files; exit code 1 names those that are missing."""
    missing = [file for file, _ in _wanted() if not _held(file)]
    if missing:
        raise click.ClickException("\n".join([f"Not in {_place()}:", *(f"  {file}" for file in missing)]))
    click.echo(f"Every picture is in {_place()}.")


@pictures.command("upload")
@refusing
def upload() -> None:
    """Copy what lies in DATA_DIR/media to the bucket of MEDIA_URL, and leave it there too."""
    if ports().settings.bucket is None:
        raise click.ClickException("MEDIA_URL names no bucket, so pictures stay in DATA_DIR/media.")
    here, there = DiskShelf(_folder()), ports().shelf
    copied, lost = 0, []
    for file, mime in _wanted():
        if _held(file):
            continue
        content = here.read(file)
        if content is None:
            lost.append(file)
            continue
        with _in_words():
            there.keep(file, content, mime)
        copied += 1
    click.echo(f"Copied {copied} files to {_place()}.")
    if lost:
        raise click.ClickException("\n".join(["Neither here nor there:", *(f"  {file}" for file in lost)]))


def _wanted() -> Iterator[tuple[str, str]]:
    """Yield the name and type of every file that the database knows."""
    with ports().unit_of_work() as session:
        found = [(image.mime, media.files(image)) for image in media.everything(session)]
    for mime, files in found:
        for file in files.values():
            yield file, mime


def _held(file: str) -> bool:
    with _in_words():
        return ports().shelf.holds(file)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise click.ClickException(f"{fault}. Look at MEDIA_URL, and whether that server runs.") from fault


def _folder() -> Path:
    return ports().settings.data_dir / "media"


def _place() -> str:
    bucket = ports().settings.bucket
    return str(bucket) if bucket is not None else str(_folder())
