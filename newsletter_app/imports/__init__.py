"""Imports: tips from files of other programs. Rules only: bytes in, documents out; nothing is saved."""

from __future__ import annotations

from newsletter_app.imports.archives import Archive
from newsletter_app.imports.documents import Batch, Document
from newsletter_app.imports.files import WHOLE, read
from newsletter_app.imports.review import Entry, write_review
from newsletter_app.imports.review_reading import read_review
from newsletter_app.imports.rows import NOWHERE

__all__ = ["NOWHERE", "WHOLE", "Archive", "Batch", "Document", "Entry", "read", "read_review", "write_review"]
