"""Images: only real ones, without metadata, upright, under a name that tells nothing."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image as Picture
from sqlalchemy.orm import Session

from newsletter_app import media
from newsletter_app.media import ImageFault

ORIENTATION, GPS_LATITUDE_REF = 0x0112, 0x0001


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a place for pictures that holds nothing else."""
    return tmp_path / "media"


def _photo(form: str = "JPEG", size: tuple[int, int] = (80, 40), **options: object) -> bytes:
    picture = Picture.merge("RGB", [Picture.effect_noise(size, 90) for _ in range(3)])
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def test_metadata_is_gone_and_the_picture_upright(
    session: Session, folder: Path, now: datetime
) -> None:  # S18
    """Where a photograph was taken is nobody's business; the turn it told of is applied."""
    exif = Picture.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(0x8825)[GPS_LATITUDE_REF] = "N"
    image = media.store(session, folder, _photo(exif=exif), now)
    with Picture.open(media.path(folder, image)) as stored:
        assert dict(stored.getexif()) == {}
        assert stored.size == (image.width, image.height) == (40, 80)


def test_a_drawing_stays_sharp_and_a_photo_small(session: Session, folder: Path, now: datetime) -> None:
    """Flat colours and transparency are kept as PNG, photographs as JPEG."""
    out = io.BytesIO()
    Picture.new("RGBA", (30, 30), (0, 80, 60, 0)).save(out, "PNG")
    assert media.store(session, folder, out.getvalue(), now).mime == "image/png"
    assert media.store(session, folder, _photo("PNG", (200, 100)), now).mime == "image/jpeg"


def test_the_same_bytes_are_kept_once(session: Session, folder: Path, now: datetime) -> None:
    """An import that is repeated leaves no second file; a file that was lost is written again."""
    photo = _photo()
    first = media.store(session, folder, photo, now)
    assert media.store(session, folder, photo, now) is first
    media.path(folder, first).unlink()
    assert media.store(session, folder, photo, now) is first
    assert [path.name for path in folder.iterdir()] == [first.name]
    assert media.find_by_name(session, first.name) is first
    assert media.find(session, None) is None


def test_wide_pictures_are_made_narrower(session: Session, folder: Path, now: datetime) -> None:
    """No page shows more than 1,600 pixels across."""
    image = media.store(session, folder, _photo(size=(3200, 400)), now)
    assert (image.width, image.height) == (1600, 200)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "image-unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image-unreadable"),
        (b"<html>GIF89a</html>", "image-unreadable"),
        (_photo()[:300], "image-unreadable"),
        (_photo("BMP"), "image-unreadable"),
        (b"\x89PNG" + b"0" * (15 * 1024 * 1024), "image-too-large"),
    ],
)
def test_what_is_refused(
    session: Session, folder: Path, now: datetime, content: bytes, code: str
) -> None:  # S18
    """By content, never by name; nothing is left in the folder."""
    with pytest.raises(ImageFault) as refused:
        media.store(session, folder, content, now)
    assert refused.value.code == code
    assert not folder.exists()


def test_a_bomb_is_not_unpacked(session: Session, folder: Path, now: datetime) -> None:  # S18
    """Forty million pixels in a few kilobytes are refused by their header."""
    out = io.BytesIO()
    Picture.new("1", (8000, 8000)).save(out, "PNG")
    with pytest.raises(ImageFault, match="image-too-many-pixels"):
        media.store(session, folder, out.getvalue(), now)
