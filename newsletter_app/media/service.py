"""Storing images: each once, under a random name, with smaller files beside it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.media import encoding
from newsletter_app.media.models import Image
from newsletter_app.media.shelves import Shelf
from newsletter_app.media.sizes import file_of, files, smaller_widths


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


def _is_whole(shelf: Shelf, image: Image) -> bool:
    is_sized = image.widths == smaller_widths(image.width)
    return is_sized and all(shelf.holds(file) for file in files(image).values())
