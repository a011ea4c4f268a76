"""Notices as facts: the streams one can choose, and what each is called in either language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.languages import Language


class Notice(Base):
    """A stream; ``last_seq`` counts its publications and is only ever raised by one UPDATE."""

    __tablename__ = "notices"
    __table_args__ = (CheckConstraint("last_seq >= 0", name="last_seq_counts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    numbered: Mapped[bool] = mapped_column(default=False, server_default=false())
    needs_references: Mapped[bool] = mapped_column(default=False, server_default=false())
    needs_disclaimer: Mapped[bool] = mapped_column(default=False, server_default=false())
    offered: Mapped[bool] = mapped_column(default=True, server_default=true())
    offers_series: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]

    sides: Mapped[list[NoticeSide]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    def side(self, language: Language) -> NoticeSide:
        """Return the words of this notice in ``language``; every notice has both."""
        return next(side for side in self.sides if side.language == language)


class NoticeSide(Base):
    """A notice in one language: its name, one sentence, how often it comes.

    Every tip of the notice bears ``disclaimer`` and no other; where it is empty, each tip has its own.
    """

    __tablename__ = "notice_sides"
    __table_args__ = (UniqueConstraint("notice_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(80))
    sentence: Mapped[str] = mapped_column(String(300))
    how_often: Mapped[str] = mapped_column(String(80))
    disclaimer: Mapped[str] = mapped_column(Text, default="", server_default="")
