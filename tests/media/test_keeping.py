"""Files first, the row afterwards: one row for the same bytes whoever comes second, and no file too many."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image as Picture
from sqlalchemy.engine import URL

from newsletter_app import media
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.media import DiskShelf, ImageFault
from tests.conftest import DATABASES
from tests.fakes.shelves import FullShelf


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> URL:
    """Give both databases, since each meets a conflict in its own way."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    url: URL = request.getfixturevalue(name)
    return url


def drawing(width: int = 900) -> bytes:
    """Return a picture with one smaller file."""
    out = io.BytesIO()
    Picture.new("RGB", (width, 20), "#0B4A40").save(out, "PNG")
    return out.getvalue()


def names(folder: Path) -> set[str]:
    """Return the files that are kept."""
    return {path.name for path in folder.iterdir()}


def test_who_comes_second_uses_the_row_of_the_first(
    unit_of_work: UnitOfWork, tmp_path: Path, now: datetime
) -> None:
    """Both looked before either wrote; the files of the second go, and those of the first stay."""
    shelf = DiskShelf(tmp_path)
    first, second = (media.keep(unit_of_work, shelf, drawing()) for _ in range(2))
    assert first.is_new
    assert second.is_new
    assert len(names(tmp_path)) == 4
    rows = []
    for kept in (first, second):
        with unit_of_work() as session:
            rows.append(media.record(session, kept, now))
    assert rows[0].id == rows[1].id
    assert rows[1].name == first.name
    media.discard(shelf, second)
    assert names(tmp_path) == set(media.files(first).values())


def test_what_a_row_has_is_neither_made_nor_discarded_again(
    unit_of_work: UnitOfWork, tmp_path: Path, now: datetime
) -> None:
    shelf = DiskShelf(tmp_path)
    first = media.keep(unit_of_work, shelf, drawing())
    with unit_of_work() as session:
        media.record(session, first, now)
    again = media.keep(unit_of_work, FullShelf(tmp_path, 0), drawing())
    assert again == first._replace(is_new=False)
    media.discard(shelf, again)
    assert names(tmp_path) == set(media.files(first).values())


def test_all_files_of_a_picture_are_kept_or_none(unit_of_work: UnitOfWork, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        media.keep(unit_of_work, FullShelf(tmp_path, 1), drawing())
    with pytest.raises(ImageFault):
        media.keep(unit_of_work, DiskShelf(tmp_path), b"no picture")
    assert names(tmp_path) == set()
