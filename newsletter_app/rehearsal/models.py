"""Rehearsals as facts: which wording of a tip was sent to whom of the staff before anybody else got it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class Rehearsal(Base):
    """One test mail; ``wording`` is what ``tips.wording_of`` said of the tip at that moment."""

    __tablename__ = "rehearsals"

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), index=True)
    wording: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(2))
    layout: Mapped[str] = mapped_column(String(8))
    sent_by: Mapped[str] = mapped_column(String(320))
    sent_at: Mapped[datetime]
