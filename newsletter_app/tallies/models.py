"""Tallies as facts: a count that is dear to make, and when it was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class Tally(Base):
    """One count by its name (``audience``, ``campaign:7``); its owner knows what ``facts`` say."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counted_at: Mapped[datetime]
    took_ms: Mapped[int]
