"""Finding images: by id, by the name of any of their files, and as the logo that a page shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.media.models import Image
from newsletter_app.media.sizes import files, fitted, original_of

LOGO_BOX: Final = (240, 60)


class Shown(NamedTuple):
    """Where a picture is fetched from, and its size on the page in pixels."""

    url: str
    width: int
    height: int


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
