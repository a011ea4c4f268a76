"""Images: checked by their content, encoded anew without metadata, kept under a random name."""

from __future__ import annotations

from pathlib import Path

from newsletter_app.kernel.buckets import Bucket
from newsletter_app.media.bucket import BucketShelf
from newsletter_app.media.encoding import MAX_OCTETS, ImageFault
from newsletter_app.media.models import Image
from newsletter_app.media.queries import (
    Shown,
    everything,
    find,
    find_all,
    find_by_file,
    find_by_name,
    logo,
)
from newsletter_app.media.service import Kept, discard, keep, record
from newsletter_app.media.shelves import DiskShelf, Shelf
from newsletter_app.media.sizes import Fitted, file_of, files, fitted

__all__ = [
    "MAX_OCTETS",
    "BucketShelf",
    "DiskShelf",
    "Fitted",
    "Image",
    "ImageFault",
    "Kept",
    "Shelf",
    "Shown",
    "discard",
    "everything",
    "file_of",
    "files",
    "find",
    "find_all",
    "find_by_file",
    "find_by_name",
    "fitted",
    "keep",
    "logo",
    "open_shelf",
    "record",
]


def open_shelf(bucket: Bucket | None, folder: Path) -> Shelf:
    """Return the shelf in ``bucket``, or in ``folder`` where there is none."""
    return BucketShelf(bucket) if bucket is not None else DiskShelf(folder)
