"""Images: checked by their content, encoded anew without metadata, kept under a random name."""

from __future__ import annotations

from newsletter_app.media.models import Image
from newsletter_app.media.service import MAX_OCTETS, ImageFault, find, find_all, find_by_name, path, store

__all__ = ["MAX_OCTETS", "Image", "ImageFault", "find", "find_all", "find_by_name", "path", "store"]
