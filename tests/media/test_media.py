"""Images: only real ones, without metadata, upright, under a name that tells nothing."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image as Picture
from sqlalchemy.orm import Session

from newsletter_app import media
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.media import DiskShelf, Image, ImageFault
from newsletter_app.media.encoding import LIGHT

ORIENTATION, GPS_LATITUDE_REF = 0x0112, 0x0001
Store = Callable[[bytes], Image]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a place for pictures that holds nothing else."""
    return tmp_path / "media"


@pytest.fixture
def shelf(folder: Path) -> DiskShelf:
    """Give the shelf in that place."""
    return DiskShelf(folder)


@pytest.fixture
def store(unit_of_work: UnitOfWork, shelf: DiskShelf, now: datetime) -> Store:
    """Give what keeps a picture and then writes its row, as a command does."""

    def store(content: bytes) -> Image:
        kept = media.keep(unit_of_work, shelf, content)
        with unit_of_work() as session:
            return media.record(session, kept, now)

    return store


def _photo(form: str = "JPEG", size: tuple[int, int] = (80, 40), **options: object) -> bytes:
    picture = Picture.merge("RGB", [Picture.effect_noise(size, 90) for _ in range(3)])
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def test_metadata_is_gone_and_the_picture_upright(store: Store, folder: Path) -> None:  # S18
    """Where a photograph was taken is nobody's business; the turn it told of is applied."""
    exif = Picture.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(0x8825)[GPS_LATITUDE_REF] = "N"
    image = store(_photo(exif=exif))
    with Picture.open(folder / image.name) as stored:
        assert dict(stored.getexif()) == {}
        assert stored.size == (image.width, image.height) == (40, 80)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
def test_damaged_metadata_spoils_no_picture(store: Store, form: str) -> None:  # S18
    """It is dropped anyway; without a turn that can be read, the picture stays as it lies."""
    damaged = _photo(form, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01").replace(b"MM\0*", b"MM\0?")
    if form == "PNG":
        at = damaged.index(b"eXIf")
        length = int.from_bytes(damaged[at - 4 : at], "big")
        checksum = zlib.crc32(damaged[at : at + 4 + length]).to_bytes(4, "big")
        damaged = damaged[: at + 4 + length] + checksum + damaged[at + 8 + length :]
    image = store(damaged)
    assert (image.width, image.height) == (80, 40)


def test_a_drawing_stays_sharp_and_a_photo_small(store: Store, folder: Path) -> None:
    """Flat colours and transparency are kept as PNG, photographs as JPEG."""
    out = io.BytesIO()
    Picture.new("RGBA", (30, 30), (0, 80, 60, 0)).save(out, "PNG")
    assert store(out.getvalue()).mime == "image/png"
    assert store(_photo("PNG", (200, 100))).mime == "image/jpeg"


def test_the_same_bytes_are_kept_once(store: Store, folder: Path, session: Session) -> None:
    """An import that is repeated leaves no second file; a file that was lost is written again."""
    photo = _photo()
    first = store(photo)
    assert store(photo).id == first.id
    (folder / first.name).unlink()
    assert store(photo).id == first.id
    assert [path.name for path in folder.iterdir()] == [first.name]
    assert media.find_by_name(session, first.name) is media.find(session, first.id)
    assert media.find(session, None) is None


def test_wide_pictures_are_made_narrower(store: Store, folder: Path) -> None:
    """No page shows more than 1,600 pixels across."""
    image = store(_photo(size=(3200, 400)))
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
def test_what_is_refused(store: Store, folder: Path, content: bytes, code: str) -> None:  # S18
    """By content, never by name; nothing is left in the folder."""
    with pytest.raises(ImageFault) as refused:
        store(content)
    assert refused.value.code == code
    assert not folder.exists()


def test_a_bomb_is_not_unpacked(store: Store, folder: Path) -> None:  # S18
    """Forty million pixels in a few kilobytes are refused by their header."""
    out = io.BytesIO()
    Picture.new("1", (8000, 8000)).save(out, "PNG")
    with pytest.raises(ImageFault, match="image-too-many-pixels"):
        store(out.getvalue())


@pytest.mark.parametrize(
    ("form", "mime"), [("PNG", "image/jpeg"), ("WEBP", "image/jpeg"), ("GIF", "image/png")]
)
def test_each_form_is_encoded_anew(store: Store, folder: Path, form: str, mime: str) -> None:  # S18
    """What comes out is a PNG or a JPEG by its own first octets, whatever went in."""
    image = store(_photo(form, (200, 100)))
    octets = (folder / image.name).read_bytes()
    begins = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
    assert image.mime == mime
    assert octets.startswith(begins[mime])


def test_nothing_that_follows_a_picture_is_kept(store: Store, folder: Path) -> None:  # S18
    """A file can be a picture and a page at once; only the picture comes through."""
    image = store(_photo() + b"<script>alert(1)</script>")
    assert b"<script>" not in (folder / image.name).read_bytes()


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_a_moving_picture_stands_still(store: Store, folder: Path, form: str) -> None:  # A11
    """A mail or a page moves nothing; the first frame is what is shown."""
    frames = [Picture.new("RGB", (40, 20), colour) for colour in ("#FF0000", "#0000FF")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=80)
    image = store(out.getvalue())
    with Picture.open(folder / image.name) as stored:
        assert getattr(stored, "n_frames", 1) == 1
        red, _green, blue = stored.convert("RGB").getpixel((5, 5))
        assert red > 200 > 60 > blue


@pytest.mark.parametrize(
    ("width", "widths"), [(560, []), (600, [480]), (1200, [480, 800]), (1400, [480, 800, 1120])]
)
def test_smaller_files_stand_beside_it(store: Store, folder: Path, width: int, widths: list[int]) -> None:
    """For phones, for the web, and for a mail's column at twice its width; each light."""
    image = store(_photo(size=(width, 500)))
    assert image.widths == widths
    assert {path.name for path in folder.iterdir()} == set(media.files(image).values())
    for each, file in media.files(image).items():
        with Picture.open(folder / file) as stored:
            assert stored.width == each
            assert stored.format == "JPEG"
    for each in widths:
        assert (folder / media.file_of(image, each)).stat().st_size <= LIGHT


def test_a_heavy_drawing_is_made_light(store: Store, folder: Path) -> None:
    """What lets something through stays a PNG, in fewer colours."""
    out = io.BytesIO()
    noise = Picture.merge("RGBA", [Picture.effect_noise((700, 400), 90) for _ in range(4)])
    noise.save(out, "PNG")
    image = store(out.getvalue())
    assert image.mime == "image/png"
    with Picture.open(folder / media.file_of(image, 480)) as stored:
        assert stored.mode == "P"
        assert stored.convert("RGBA").getextrema()[3][0] < 255


def test_files_that_are_missing_are_made_again(
    store: Store, shelf: DiskShelf, unit_of_work: UnitOfWork
) -> None:
    """Also those that an earlier version did not make."""
    photo = _photo(size=(900, 300))
    image = store(photo)
    for width, widths in ((480, [480]), (480, [])):
        shelf.drop(media.file_of(image, width))
        with unit_of_work() as session:
            session.merge(image).widths = widths
        again = store(photo)
        assert (again.id, again.name, again.widths) == (image.id, image.name, [480])
        assert shelf.holds(media.file_of(image, 480))


def test_a_picture_is_found_by_each_of_its_files(store: Store, session: Session) -> None:
    """And by no other name."""
    image = store(_photo(size=(900, 300)))
    stem, _, ending = image.name.rpartition(".")
    for file in media.files(image).values():
        found = media.find_by_file(session, file)
        assert found is not None
        assert found.id == image.id
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
