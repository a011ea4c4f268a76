"""What somebody has waived before a mail left (rows are added, never changed), and what links led to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
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


class LinkTry(Base):
    """What was ``found`` when the link to ``address`` was last tried: a status, or why there was none.

    ``digest`` is the address's SHA-256: the address may be longer than what PostgreSQL keeps in an index.
    """

    __tablename__ = "link_tries"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    found: Mapped[str] = mapped_column(String(30))
    tried_at: Mapped[datetime]
