"""What is written of a tip as facts: every revision of each part, and the steps to its approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class TipRevision(Base):
    """One part of a tip as somebody left it: a side ("en", "fr"), or "about": its picture and references.

    The newest one is the desk's; what readers see of a published tip stands on its sides. ``follows`` is the
    revision of the other side that this side says the same as, None while nobody has said so. One that is
    *aside* was typed upon ``revision`` while somebody else saved another: it is kept, and nothing follows it.
    ``saved_by`` is "" for a file that was imported.
    """

    __tablename__ = "tip_revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), index=True)
    part: Mapped[str] = mapped_column(String(5))
    revision: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    follows: Mapped[int | None]
    is_aside: Mapped[bool] = mapped_column(default=False)
    saved_by: Mapped[str] = mapped_column(String(320), default="")
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]


class TipStep(Base):
    """One step of a tip towards the web: asked, given-back, approved, or changed after one of these."""

    __tablename__ = "tip_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(String(10))
    by: Mapped[str] = mapped_column(String(320))
    comment: Mapped[str] = mapped_column(String(1000), default="")
    at: Mapped[datetime]
