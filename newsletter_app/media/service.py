"""Storing images in two steps: the files are made and kept while no transaction is open, the row is written
in the transaction that needs it.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.kernel.upserts import insert
from newsletter_app.media import encoding
from newsletter_app.media.models import Image
from newsletter_app.media.shelves import Shelf
from newsletter_app.media.sizes import file_of, files, smaller_widths


class Kept(NamedTuple):
    """A picture whose files are on the shelf: the facts of its row, which may not be written yet.

    ``is_new`` says that no row had these bytes, so that nobody else knows of the files.
    """

    sha256: str
    name: str
    mime: str
    width: int
    height: int
    octets: int
    widths: list[int]
    is_new: bool


def keep(unit_of_work: UnitOfWork, shelf: Shelf, content: bytes) -> Kept:
    """Check, re-encode and keep a picture, all of its files or none. Raises ImageFault, OSError.

    It takes seconds: call it with no transaction open. The same bytes are kept once; files that are lost, or
    that an earlier version did not make, are made again under the name that their row has.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    with unit_of_work() as session:
        image = session.scalar(select(Image).where(Image.sha256 == sha256))
        standing = _as_kept(image) if image is not None else None
    if standing is not None and _is_whole(shelf, standing):
        return standing
    return _make(shelf, content, sha256, standing)


def record(session: Session, kept: Kept, now: datetime) -> Image:
    """Return the row of a kept picture, written if need be.

    Where somebody else was first meanwhile it is theirs, under another name than ``kept`` has: the files of
    ``kept`` are then to be discarded after the transaction.
    """
    facts = {name: value for name, value in kept._asdict().items() if name != "is_new"}
    new = insert(session, Image).values(**facts, created_at=now)
    session.execute(new.on_conflict_do_nothing(index_elements=[Image.sha256]))
    image = session.scalars(select(Image).where(Image.sha256 == kept.sha256)).one()
    if image.name == kept.name:
        image.widths = kept.widths
    return image


def discard(shelf: Shelf, kept: Kept) -> None:
    """Delete the files of a picture that nothing was saved of; those that a row had before stay."""
    for file in files(kept).values() if kept.is_new else ():
        # A shelf that fell silent is told of already; what stays there is a file that nothing names.
        with suppress(OSError):
            shelf.drop(file)


def _make(shelf: Shelf, content: bytes, sha256: str, standing: Kept | None) -> Kept:
    picture = encoding.decode(content)
    whole = encoding.encode(picture)
    widths = smaller_widths(whole.width)
    if standing is not None:
        made = standing._replace(widths=widths)
    else:
        name, octets = f"{secrets.token_hex(12)}.{whole.ending}", len(whole.content)
        made = Kept(sha256, name, whole.mime, whole.width, whole.height, octets, widths, is_new=True)
    try:
        # One after the other: each is let go of before the next is made.
        for each in chain(encoding.smaller(picture, whole), [whole]):
            shelf.keep(file_of(made, each.width), each.content, each.mime)
    except BaseException:
        discard(shelf, made)
        raise
    return made


def _as_kept(image: Image) -> Kept:
    return Kept(
        image.sha256,
        image.name,
        image.mime,
        image.width,
        image.height,
        image.octets,
        image.widths,
        is_new=False,
    )


def _is_whole(shelf: Shelf, kept: Kept) -> bool:
    is_sized = kept.widths == smaller_widths(kept.width)
    return is_sized and all(shelf.holds(file) for file in files(kept).values())
