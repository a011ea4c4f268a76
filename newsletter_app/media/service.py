"""Storing and finding images: each once, under a random name, with smaller files beside it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.media import encoding
from newsletter_app.media.models import Image
from newsletter_app.media.shelves import Shelf
from newsletter_app.media.sizes import file_of, files, fitted, original_of, smaller_widths

LOGO_BOX: Final = (240, 60)


class Shown(NamedTuple):
    """Where a picture is fetched from, and its size on the page in pixels."""

    url: str
    width: int
    height: int


def store(session: Session, shelf: Shelf, content: bytes, now: datetime) -> Image:
    """Check, re-encode and keep a picture; the same bytes are kept once. Raises ImageFault, OSError.

    Files that are lost, or that an earlier version did not make, are made again.
    """
    digest = hashlib.sha256(content).hexdigest()
    image = session.scalar(select(Image).where(Image.sha256 == digest))
    if image is not None and _is_whole(shelf, image):
        return image
    picture = encoding.decode(content)
    whole = encoding.encode(picture)
    if image is None:
        image = Image(name=f"{secrets.token_hex(12)}.{whole.ending}", sha256=digest, mime=whole.mime)
        image.width, image.height, image.octets = whole.width, whole.height, len(whole.content)
        image.created_at = now
        session.add(image)
    made = [*encoding.smaller(picture, whole), whole]
    for each in made:
        shelf.keep(file_of(image, each.width), each.content, each.mime)
    image.widths = [each.width for each in made[:-1]]
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


def find_by_file(session: Session, file: str) -> Image | None:
    """Return the image that has a file of this name, its own or a smaller one's, or None."""
    smaller = original_of(file)
    image = find_by_name(session, smaller[0] if smaller else file)
    return image if image is not None and file in files(image).values() else None


def everything(session: Session) -> Iterable[Image]:
    """Return every image, oldest first."""
    return session.scalars(select(Image).order_by(Image.id)).all()


def logo(session: Session, name: str, public_url: str) -> Shown | None:
    """Return how the picture of this name is shown at the head of a page or a mail, or None without one."""
    image = find_by_name(session, name) if name else None
    if image is None:
        return None
    file, width, height = fitted(image, *LOGO_BOX)
    return Shown(f"{public_url}/media/{file}", width, height)


def _is_whole(shelf: Shelf, image: Image) -> bool:
    is_sized = image.widths == smaller_widths(image.width)
    return is_sized and all(shelf.holds(file) for file in files(image).values())
