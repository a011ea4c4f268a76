"""``flask pictures``: moving from a folder to a bucket, and what is missing told by name."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Picture

from newsletter_app import media
from newsletter_app.kernel.buckets import Bucket
from newsletter_app.media import DiskShelf, Image, Shelf
from tests.cli.conftest import Shell

# Nobody listens there; the move itself is held by two folders, since both shelves keep one contract.
NOWHERE = Bucket("http://127.0.0.1:9", "pictures", "", "us-east-1", "AKIAKEY", "HUSHHUSH")


def a_picture(shell: Shell) -> Image:
    """Store a picture with one smaller file."""
    out = io.BytesIO()
    Picture.new("RGB", (700, 350), "#0B4A40").save(out, "PNG")
    kept = media.keep(shell.ports.unit_of_work, shell.ports.shelf, out.getvalue())
    with shell.look() as session:
        return media.record(session, kept, shell.ports.clock())


def with_ports(shell: Shell, **changes: object) -> None:
    """Give the shell other settings or another shelf."""
    shell.app.extensions["ports"] = replace(shell.ports, **changes)


@pytest.fixture
def moved(shell: Shell, tmp_path: Path) -> Callable[[], None]:
    """Give what sets MEDIA_URL, with a second folder in the bucket's place."""
    settings = replace(shell.ports.settings, bucket=NOWHERE)
    return lambda: with_ports(shell, settings=settings, shelf=DiskShelf(tmp_path / "bucket"))


def test_a_whole_folder_is_well(shell: Shell) -> None:
    a_picture(shell)
    assert shell.told("pictures", "check").startswith("Every picture is in /")


def test_a_missing_file_is_named(shell: Shell) -> None:
    image = a_picture(shell)
    shell.ports.shelf.drop(media.file_of(image, 480))
    told = shell.refusal("pictures", "check")
    assert media.file_of(image, 480) in told
    assert image.name not in told


def test_upload_brings_everything_and_once(shell: Shell, moved: Callable[[], None]) -> None:
    image = a_picture(shell)
    moved()
    assert image.name in shell.refusal("pictures", "check")
    assert shell.told("pictures", "upload") == "Copied 2 files to http://127.0.0.1:9/pictures.\n"
    assert shell.told("pictures", "upload").startswith("Copied 0 files")
    assert shell.told("pictures", "check") == "Every picture is in http://127.0.0.1:9/pictures.\n"
    assert len(shell.pictures) == 2, "they stay here too"


def test_what_is_nowhere_is_named(shell: Shell, moved: Callable[[], None]) -> None:
    image = a_picture(shell)
    shell.ports.shelf.drop(image.name)
    moved()
    told = shell.run("pictures", "upload")
    assert (told.exit_code, told.stdout) == (1, "Copied 1 files to http://127.0.0.1:9/pictures.\n")
    assert f"Neither here nor there:\n  {image.name}" in told.stderr


def test_without_a_bucket_there_is_nowhere_to_upload_to(shell: Shell) -> None:
    assert "MEDIA_URL names no bucket" in shell.refusal("pictures", "upload")


def test_a_bucket_that_does_not_answer_is_told_without_its_keys(shell: Shell) -> None:
    a_picture(shell)
    with_ports(shell, shelf=media.open_shelf(NOWHERE, Path("unused")))
    told = shell.refusal("pictures", "check")
    assert "http://127.0.0.1:9/pictures does not serve" in told
    assert "Look at MEDIA_URL" in told
    assert "HUSH" not in told  # S30


class FallsSilent(DiskShelf):
    """A shelf that answers at first, and from the first file on no more."""

    def keep(self, name: str, content: bytes, mime: str) -> None:
        raise OSError("silence")

    def drop(self, name: str) -> None:
        raise OSError("silence")


@pytest.mark.parametrize("shelf", [media.open_shelf(NOWHERE, Path("unused")), FallsSilent(Path("/nowhere"))])
def test_an_import_into_a_bucket_that_does_not_answer_saves_nothing(
    shell: Shell, tmp_path: Path, shelf: Shelf
) -> None:
    file = tmp_path / "tip.md"
    file.write_text("---\ntitle: Walk\nnumber: 3\nlanguage: en\nlead: Slowly.\n---\nText.\n")
    picture = tmp_path / "a.png"
    Picture.new("RGB", (20, 10), "#0B4A40").save(picture)
    with_ports(shell, shelf=shelf)
    told = shell.refusal("tips", "import", file, "--notice", "tips", "--image", picture)
    assert "the picture a.png cannot be kept" in told
    assert "Nothing was imported." in told
    assert shell.data("tips", "list") == []
