"""Suppressions as facts: addresses not to be mailed, found by keyed hash so that they outlive erasure."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class Suppression(Base):
    """One reason not to write to an address; scope *bulk* spares service mails, *all* does not."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint("address_key", "scope"),
        CheckConstraint("scope IN ('bulk', 'all')", name="scope_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
