"""Pictures decoded safely and encoded anew: no metadata, no motion, no more pixels than needed (S18)."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Final, NamedTuple

from PIL import Image as Picture
from PIL import ImageOps, UnidentifiedImageError

from newsletter_app.kernel.errors import Breach
from newsletter_app.media.sizes import smaller_widths

MAX_OCTETS: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_WIDTH: Final = 1600
READABLE: Final = ("PNG", "JPEG", "GIF", "WEBP")
QUALITIES: Final = (85, 75, 65, 55)
# What a smaller file may weigh: a mail with it stays quick where the network is slow.
LIGHT: Final = 200 * 1024
COLOURS: Final = 256


class ImageFault(Breach):
    """The picture is refused: ``image-too-large``, ``image-unreadable`` or ``image-too-many-pixels``."""


class Encoded(NamedTuple):
    """A picture as a file: its octets, its size in pixels, its type, and the ending of its name."""

    content: bytes
    width: int
    height: int
    mime: str
    ending: str


def decode(content: bytes) -> Picture.Image:
    """Return the picture, upright and at most MAX_WIDTH wide; of a moving one the first frame. ImageFault."""
    picture = _open(content)
    upright = _upright(picture)
    if upright.width > MAX_WIDTH:
        return _narrower(upright, MAX_WIDTH)
    return upright


def encode(picture: Picture.Image) -> Encoded:
    """Return the picture as PNG where it is a drawing or lets something through, else as JPEG."""
    if _is_drawing(picture):
        return _png(_plain(picture))
    return _jpeg(picture.convert("RGB"), QUALITIES[0])


def smaller(picture: Picture.Image, like: Encoded) -> Iterator[Encoded]:
    """Yield the smaller files of ``picture``, narrowest first, of the type of ``like`` and light enough."""
    whole = _plain(picture) if like.ending == "png" else picture.convert("RGB")
    for width in smaller_widths(picture.width):
        narrow = _narrower(whole, width)
        yield _light_png(narrow) if like.ending == "png" else _light_jpeg(narrow)


def _open(content: bytes) -> Picture.Image:
    if len(content) > MAX_OCTETS:
        raise ImageFault("image-too-large", octets=len(content), limit=MAX_OCTETS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Picture.DecompressionBombWarning)
            picture = Picture.open(io.BytesIO(content), formats=READABLE)
            if picture.width * picture.height > MAX_PIXELS:
                raise ImageFault("image-too-many-pixels", width=picture.width, height=picture.height)
            picture.load()
    except (Picture.DecompressionBombError, Picture.DecompressionBombWarning) as fault:
        raise ImageFault("image-too-many-pixels") from fault
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as fault:
        raise ImageFault("image-unreadable") from fault
    return picture


def _upright(picture: Picture.Image) -> Picture.Image:
    """Apply the camera's turn, because the metadata that tells of it is dropped."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:
        # Pillow says nowhere what it raises over damaged metadata: SyntaxError, struct.error and others. The
        # picture itself was decoded.
        return picture


def _narrower(picture: Picture.Image, width: int) -> Picture.Image:
    return picture.resize((width, max(1, round(picture.height * width / picture.width))))


def _plain(picture: Picture.Image) -> Picture.Image:
    return picture.convert("RGBA" if _has_alpha(picture) else "RGB")


def _has_alpha(picture: Picture.Image) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _is_drawing(picture: Picture.Image) -> bool:
    return _has_alpha(picture) or picture.convert("RGB").getcolors(maxcolors=4096) is not None


def _light_png(picture: Picture.Image) -> Encoded:
    """Return the picture; where it is heavy, in its most frequent colours alone."""
    whole = _png(picture)
    if len(whole.content) <= LIGHT:
        return whole
    return _png(picture.quantize(COLOURS, method=Picture.Quantize.FASTOCTREE))


def _light_jpeg(picture: Picture.Image) -> Encoded:
    made = (_jpeg(picture, quality) for quality in QUALITIES)
    return next((each for each in made if len(each.content) <= LIGHT), None) or _jpeg(picture, QUALITIES[-1])


def _png(picture: Picture.Image) -> Encoded:
    out = io.BytesIO()
    # Pillow's "optimize" takes three times as long and saves a fiftieth.
    picture.save(out, "PNG", compress_level=6)
    return Encoded(out.getvalue(), *picture.size, "image/png", "png")


def _jpeg(picture: Picture.Image, quality: int) -> Encoded:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
    return Encoded(out.getvalue(), *picture.size, "image/jpeg", "jpg")
