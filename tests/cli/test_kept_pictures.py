"""Pictures of a command: kept before its transaction, and gone again where nothing was saved of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Picture

from newsletter_app import media, tips
from newsletter_app.media import DiskShelf, Shelf
from tests.cli.conftest import Shell
from tests.fakes.shelves import FullShelf, InterruptedShelf, WatchfulShelf

TIP = """\
---
notice: tips
image: {{file: {picture}, alt: A colour}}
---
# #{number} Walk

A lead.
"""

ELSEWHERE = "---\nnotice: events\nlanguage: fr\n---\n# #1 Marchez\n"


def draw(path: Path, width: int = 30) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.new("RGB", (width, 20), (width % 256, 80, 60)).save(path)
    return path


def pages(folder: Path, *widths: int) -> list[Path]:
    """Write a tip for each picture of such a width, numbered from 1."""
    files = []
    for number, width in enumerate(widths, 1):
        draw(folder / f"{width}.png", width)
        files.append(folder / f"{number}.md")
        files[-1].write_text(TIP.format(picture=f"{width}.png", number=number))
    return files


def on(shell: Shell, shelf: Shelf) -> None:
    """Let the shell keep pictures on another shelf."""
    shell.app.extensions["ports"] = replace(shell.ports, shelf=shelf)


@pytest.fixture
def folder(shell: Shell) -> Path:
    """Give the place where the shell keeps its pictures."""
    return shell.ports.settings.data_dir / "media"


@pytest.fixture
def watchful(shell: Shell, folder: Path) -> WatchfulShelf:
    """Give the shelf of a shell, which watches the shell's database."""
    shelf = WatchfulShelf(folder, shell.ports.settings.data_dir / "newsletter.sqlite3")
    on(shell, shelf)
    return shelf


def image_of(shell: Shell, number: int) -> media.Image:
    """Return the picture of a tip."""
    with shell.look() as session:
        tip = tips.find_by_number(session, number)
        assert tip is not None
        image = media.find(session, tip.image_id)
        assert image is not None
        return image


def test_nobody_waits_for_the_pictures_of_an_import(
    shell: Shell, watchful: WatchfulShelf, tmp_path: Path
) -> None:
    """Neither while they are made and kept, nor while those of before are looked at, nor when they go."""
    files = pages(tmp_path, 30, 700, 30)
    shell.told("tips", "import", *files)
    shell.told("tips", "import", *files)
    assert len(watchful.kept) == 3
    draw(tmp_path / "700.png", 900)
    files[2].write_text(ELSEWHERE)
    assert "another notice" in shell.refusal("tips", "import", *files)
    assert (len(watchful.kept), watchful.shut_out) == (5, [])


def test_a_notice_that_is_not_there_is_told_before_any_picture_is_made(
    shell: Shell, watchful: WatchfulShelf, tmp_path: Path
) -> None:
    told = shell.refusal("tips", "import", *pages(tmp_path, 30), "--notice", "nowhere")
    assert "1.md: there is no notice nowhere." in told
    assert watchful.kept == []


def test_nobody_waits_for_a_logo(shell: Shell, watchful: WatchfulShelf, tmp_path: Path) -> None:
    shell.told("organisation", "set", "--logo", draw(tmp_path / "logo.png", 700))
    assert (len(watchful.kept), watchful.shut_out) == (2, [])


def test_nobody_waits_while_a_tips_picture_is_weighed(
    shell: Shell, watchful: WatchfulShelf, tmp_path: Path
) -> None:
    """A bucket may take its time."""
    shell.told("organisation", "set", "--logo", draw(tmp_path / "logo.png", 700))
    shell.told("tips", "import", *pages(tmp_path, 30))
    watchful.looked.clear()
    for words in (("check", "1"), ("waive", "1", "html-too-big", "--reason", "A"), ("publish", "1")):
        shell.run("tips", *words)
        assert len(set(watchful.looked)) == 2
        assert watchful.shut_out == []
        watchful.looked.clear()


def test_what_another_process_kept_meanwhile_is_used(shell: Shell, folder: Path, tmp_path: Path) -> None:
    """Both looked and found nothing; the row that was there first counts, and one set of files remains."""
    whole, beside = shell.ports, DiskShelf(folder)
    draw(tmp_path / "other" / "700.png", 700)
    other = [tmp_path / "other" / "9.md"]
    other[0].write_text(TIP.format(picture="700.png", number=9))

    def meanwhile() -> None:
        shell.app.extensions["ports"] = replace(whole, shelf=beside)
        shell.told("tips", "import", *other)

    on(shell, InterruptedShelf(folder, meanwhile))
    shell.told("tips", "import", *pages(tmp_path, 700, 30))
    first = image_of(shell, 9)
    assert image_of(shell, 1).id == first.id
    expected = {*media.files(first).values(), *media.files(image_of(shell, 2)).values()}
    assert {path.name for path in shell.pictures} == expected


@pytest.mark.parametrize("room", [0, 1, 2])
def test_a_full_disk_in_the_middle_leaves_nothing(
    shell: Shell, folder: Path, tmp_path: Path, room: int
) -> None:
    """Also not the smaller files of the picture that found no room."""
    on(shell, FullShelf(folder, room))
    told = shell.refusal("tips", "import", *pages(tmp_path, 30, 900))
    assert "cannot be kept ([Errno 28] No space left on device). Nothing was imported." in told
    assert shell.pictures == []
    with shell.look() as session:
        assert (tips.all_tips(session), media.everything(session)) == ([], [])


def test_a_failed_import_takes_nothing_from_the_pictures_before_it(shell: Shell, tmp_path: Path) -> None:
    """What was lost of them and is made again stays: a row names it, and somebody may be looking at it."""
    files = pages(tmp_path, 700)
    shell.told("tips", "import", *files)
    before = shell.pictures
    before[0].unlink()
    refused = tmp_path / "refused.md"
    refused.write_text(ELSEWHERE)
    assert "another notice" in shell.refusal("tips", "import", *files, refused)
    assert shell.pictures == before
