"""What somebody has waived before a mail left: which finding, who, and why; rows are added, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class Waiver(Base):
    """A finding of preflight that stops a tip no more; ``place`` is its language, or "" for the tip."""

    __tablename__ = "waivers"
    __table_args__ = (UniqueConstraint("tip_id", "code", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(20), default="")
    waived_by: Mapped[str] = mapped_column(String(320))
    reason: Mapped[str] = mapped_column(String(300))
    waived_at: Mapped[datetime]
