"""Images as facts: re-encoded files under DATA_DIR/media, found by a random name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class Image(Base):
    """One stored picture; ``sha256`` is of the bytes as given, so that the same file is kept once.

    ``widths`` are those, in pixels, of the smaller files that stand beside it, narrowest first.
    """

    __tablename__ = "images"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    mime: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    octets: Mapped[int]
    widths: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    created_at: Mapped[datetime]
