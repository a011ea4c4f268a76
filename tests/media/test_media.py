"""Images: only real ones, without metadata, upright, under a name that tells nothing."""

from __future__ import annotations

import io
import zlib
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image as Picture
from sqlalchemy.orm import Session

from newsletter_app import media
from newsletter_app.media import DiskShelf, Image, ImageFault
from newsletter_app.media.encoding import LIGHT

ORIENTATION, GPS_LATITUDE_REF = 0x0112, 0x0001


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a place for pictures that holds nothing else."""
    return tmp_path / "media"


@pytest.fixture
def shelf(folder: Path) -> DiskShelf:
    """Give the shelf in that place."""
    return DiskShelf(folder)


def _photo(form: str = "JPEG", size: tuple[int, int] = (80, 40), **options: object) -> bytes:
    picture = Picture.merge("RGB", [Picture.effect_noise(size, 90) for _ in range(3)])
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def test_metadata_is_gone_and_the_picture_upright(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime
) -> None:  # S18
    """Where a photograph was taken is nobody's business; the turn it told of is applied."""
    exif = Picture.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(0x8825)[GPS_LATITUDE_REF] = "N"
    image = media.store(session, shelf, _photo(exif=exif), now)
    with Picture.open(folder / image.name) as stored:
        assert dict(stored.getexif()) == {}
        assert stored.size == (image.width, image.height) == (40, 80)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
def test_damaged_metadata_spoils_no_picture(
    session: Session, shelf: DiskShelf, now: datetime, form: str
) -> None:  # S18
    """It is dropped anyway; without a turn that can be read, the picture stays as it lies."""
    damaged = _photo(form, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01").replace(b"MM\0*", b"MM\0?")
    if form == "PNG":
        at = damaged.index(b"eXIf")
        length = int.from_bytes(damaged[at - 4 : at], "big")
        checksum = zlib.crc32(damaged[at : at + 4 + length]).to_bytes(4, "big")
        damaged = damaged[: at + 4 + length] + checksum + damaged[at + 8 + length :]
    image = media.store(session, shelf, damaged, now)
    assert (image.width, image.height) == (80, 40)


def test_a_drawing_stays_sharp_and_a_photo_small(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime
) -> None:
    """Flat colours and transparency are kept as PNG, photographs as JPEG."""
    out = io.BytesIO()
    Picture.new("RGBA", (30, 30), (0, 80, 60, 0)).save(out, "PNG")
    assert media.store(session, shelf, out.getvalue(), now).mime == "image/png"
    assert media.store(session, shelf, _photo("PNG", (200, 100)), now).mime == "image/jpeg"


def test_the_same_bytes_are_kept_once(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime
) -> None:
    """An import that is repeated leaves no second file; a file that was lost is written again."""
    photo = _photo()
    first = media.store(session, shelf, photo, now)
    assert media.store(session, shelf, photo, now) is first
    (folder / first.name).unlink()
    assert media.store(session, shelf, photo, now) is first
    assert [path.name for path in folder.iterdir()] == [first.name]
    assert media.find_by_name(session, first.name) is first
    assert media.find(session, None) is None


def test_wide_pictures_are_made_narrower(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime
) -> None:
    """No page shows more than 1,600 pixels across."""
    image = media.store(session, shelf, _photo(size=(3200, 400)), now)
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
    session: Session, shelf: DiskShelf, folder: Path, now: datetime, content: bytes, code: str
) -> None:  # S18
    """By content, never by name; nothing is left in the folder."""
    with pytest.raises(ImageFault) as refused:
        media.store(session, shelf, content, now)
    assert refused.value.code == code
    assert not folder.exists()


def test_a_bomb_is_not_unpacked(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime
) -> None:  # S18
    """Forty million pixels in a few kilobytes are refused by their header."""
    out = io.BytesIO()
    Picture.new("1", (8000, 8000)).save(out, "PNG")
    with pytest.raises(ImageFault, match="image-too-many-pixels"):
        media.store(session, shelf, out.getvalue(), now)


@pytest.mark.parametrize(
    ("form", "mime"), [("PNG", "image/jpeg"), ("WEBP", "image/jpeg"), ("GIF", "image/png")]
)
def test_each_form_is_encoded_anew(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime, form: str, mime: str
) -> None:  # S18
    """What comes out is a PNG or a JPEG by its own first octets, whatever went in."""
    image = media.store(session, shelf, _photo(form, (200, 100)), now)
    octets = (folder / image.name).read_bytes()
    begins = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
    assert image.mime == mime
    assert octets.startswith(begins[mime])


def test_nothing_that_follows_a_picture_is_kept(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime
) -> None:  # S18
    """A file can be a picture and a page at once; only the picture comes through."""
    image = media.store(session, shelf, _photo() + b"<script>alert(1)</script>", now)
    assert b"<script>" not in (folder / image.name).read_bytes()


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_a_moving_picture_stands_still(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime, form: str
) -> None:  # A11
    """A mail or a page moves nothing; the first frame is what is shown."""
    frames = [Picture.new("RGB", (40, 20), colour) for colour in ("#FF0000", "#0000FF")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=80)
    image = media.store(session, shelf, out.getvalue(), now)
    with Picture.open(folder / image.name) as stored:
        assert getattr(stored, "n_frames", 1) == 1
        red, _green, blue = stored.convert("RGB").getpixel((5, 5))
        assert red > 200 > 60 > blue


@pytest.mark.parametrize(
    ("width", "widths"), [(560, []), (600, [480]), (1200, [480, 800]), (1400, [480, 800, 1120])]
)
def test_smaller_files_stand_beside_it(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime, width: int, widths: list[int]
) -> None:
    """For phones, for the web, and for a mail's column at twice its width; each light."""
    image = media.store(session, shelf, _photo(size=(width, 500)), now)
    assert image.widths == widths
    assert {path.name for path in folder.iterdir()} == set(media.files(image).values())
    for each, file in media.files(image).items():
        with Picture.open(folder / file) as stored:
            assert stored.width == each
            assert stored.format == "JPEG"
    for each in widths:
        assert (folder / media.file_of(image, each)).stat().st_size <= LIGHT


def test_a_heavy_drawing_is_made_light(
    session: Session, shelf: DiskShelf, folder: Path, now: datetime
) -> None:
    """What lets something through stays a PNG, in fewer colours."""
    out = io.BytesIO()
    noise = Picture.merge("RGBA", [Picture.effect_noise((700, 400), 90) for _ in range(4)])
    noise.save(out, "PNG")
    image = media.store(session, shelf, out.getvalue(), now)
    assert image.mime == "image/png"
    with Picture.open(folder / media.file_of(image, 480)) as stored:
        assert stored.mode == "P"
        assert stored.convert("RGBA").getextrema()[3][0] < 255


def test_files_that_are_missing_are_made_again(session: Session, shelf: DiskShelf, now: datetime) -> None:
    """Also those that an earlier version did not make."""
    photo = _photo(size=(900, 300))
    image = media.store(session, shelf, photo, now)
    for width, widths in ((480, [480]), (480, [])):
        shelf.drop(media.file_of(image, width))
        image.widths = widths
        assert media.store(session, shelf, photo, now) is image
        assert image.widths == [480]
        assert shelf.holds(media.file_of(image, 480))


def test_a_picture_is_found_by_each_of_its_files(session: Session, shelf: DiskShelf, now: datetime) -> None:
    """And by no other name."""
    image = media.store(session, shelf, _photo(size=(900, 300)), now)
    stem, _, ending = image.name.rpartition(".")
    for file in media.files(image).values():
        assert media.find_by_file(session, file) is image
    for file in (f"{stem}-900.{ending}", f"{stem}-500.{ending}", f"{stem}-480.png", f"{stem}-0480.{ending}"):
        assert media.find_by_file(session, file) is None


@pytest.mark.parametrize(
    ("size", "box", "shown"),
    [
        ((1600, 800), (560,), ("a-1120.png", 560, 280)),
        ((500, 800), (560,), ("a.png", 500, 800)),
        ((1600, 400), (240, 60), ("a-480.png", 240, 60)),
        ((100, 1000), (240, 60), ("a.png", 6, 60)),
        ((3, 1000), (240, 60), ("a.png", 1, 60)),
    ],
)
def test_a_picture_is_fitted(
    size: tuple[int, int], box: tuple[int, ...], shown: tuple[str, int, int]
) -> None:
    """Never larger than it is; the file is twice as fine as it is shown."""
    width, height = size
    image = Image(name="a.png", width=width, height=height, widths=[480, 800, 1120] if width > 1400 else [])
    assert media.fitted(image, *box) == shown
