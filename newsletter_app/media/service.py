"""Storing and finding images; refuses what is no png, jpeg, gif or webp, or too large to decode safely."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import warnings
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image as Picture
from PIL import ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.errors import Breach
from newsletter_app.media.models import Image
from newsletter_app.media.sizes import fitted

MAX_OCTETS: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_WIDTH: Final = 1600
READABLE: Final = ("PNG", "JPEG", "GIF", "WEBP")
JPEG_QUALITY: Final = 85
LOGO_BOX: Final = (240, 60)


class Shown(NamedTuple):
    """Where a picture is fetched from, and its size on the page in pixels."""

    url: str
    width: int
    height: int


class ImageFault(Breach):
    """The picture is refused: ``image-too-large``, ``image-unreadable`` or ``image-too-many-pixels``."""


def store(session: Session, folder: Path, content: bytes, now: datetime) -> Image:
    """Check, re-encode and keep a picture; the same bytes are kept once. Raises ImageFault."""
    digest = hashlib.sha256(content).hexdigest()
    known = session.scalar(select(Image).where(Image.sha256 == digest))
    if known is not None and path(folder, known).exists():
        return known
    picture = _open(content)
    encoded, mime, ending = _encode(picture)
    name = known.name if known else f"{secrets.token_hex(12)}.{ending}"
    _write(folder / name, encoded)
    if known is not None:
        return known
    image = Image(name=name, sha256=digest, mime=mime, width=picture.width, height=picture.height)
    image.octets, image.created_at = len(encoded), now
    session.add(image)
    session.flush()
    return image


def find(session: Session, image_id: int | None) -> Image | None:
    """Return the image with this id, or None."""
    return session.get(Image, image_id) if image_id is not None else None


def find_all(session: Session, image_ids: Iterable[int | None]) -> dict[int, Image]:
    """Return the images with these ids, by id, in one question; None and what is not there are left out."""
    wanted = {image_id for image_id in image_ids if image_id is not None}
    found = session.scalars(select(Image).where(Image.id.in_(wanted))) if wanted else ()
    return {image.id: image for image in found}


def find_by_name(session: Session, name: str) -> Image | None:
    """Return the image stored under this name, or None."""
    return session.scalar(select(Image).where(Image.name == name))


def logo(session: Session, name: str, public_url: str) -> Shown | None:
    """Return how the picture of this name is shown at the head of a page or a mail, or None without one."""
    image = find_by_name(session, name) if name else None
    if image is None:
        return None
    file, width, height = fitted(image, *LOGO_BOX)
    return Shown(f"{public_url}/media/{file}", width, height)


def path(folder: Path, image: Image) -> Path:
    """Return where the file of ``image`` lies."""
    return folder / image.name


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
    # The camera's turn is applied, because the metadata that tells of it is dropped.
    upright = ImageOps.exif_transpose(picture)
    if upright.width > MAX_WIDTH:
        upright = upright.resize((MAX_WIDTH, round(upright.height * MAX_WIDTH / upright.width)))
    return upright


def _encode(picture: Picture.Image) -> tuple[bytes, str, str]:
    """Return the bytes, MIME type and file ending: PNG for drawings, JPEG for photographs."""
    out = io.BytesIO()
    if _is_drawing(picture):
        picture.convert("RGBA" if _has_alpha(picture) else "RGB").save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png", "png"
    picture.convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY, progressive=True, optimize=True)
    return out.getvalue(), "image/jpeg", "jpg"


def _has_alpha(picture: Picture.Image) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _is_drawing(picture: Picture.Image) -> bool:
    return _has_alpha(picture) or picture.convert("RGB").getcolors(maxcolors=4096) is not None


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(target.suffix + ".part")
    part.write_bytes(content)
    os.replace(part, target)
