"""Images: checked by their content, encoded anew without metadata, kept under a random name."""

from __future__ import annotations

from newsletter_app.media.models import Image
from newsletter_app.media.service import (
    MAX_OCTETS,
    ImageFault,
    Shown,
    find,
    find_all,
    find_by_name,
    logo,
    path,
    store,
)
from newsletter_app.media.sizes import Fitted, file_of, files, fitted

__all__ = [
    "MAX_OCTETS",
    "Fitted",
    "Image",
    "ImageFault",
    "Shown",
    "file_of",
    "files",
    "find",
    "find_all",
    "find_by_name",
    "fitted",
    "logo",
    "path",
    "store",
]
