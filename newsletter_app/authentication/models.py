"""What the DNS was last found to say of an identity, and when; a row for each identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class AuthenticationCheck(Base):
    """``state``: "" while it was never finished, then ok, fault, or unasked (nothing wrong, some unknown)."""

    __tablename__ = "authentication_checks"

    fingerprint: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(8), default="", server_default="")
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    asked_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
