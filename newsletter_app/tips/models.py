"""Tips as facts: a tip, its sides, its references, its relations and its places in notices."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.languages import Language

# A place above this is no place in a stream, whose head is far below: a series alone comes there.
ARCHIVE: Final = 1_000_000_000


class Tip(Base):
    """One piece of content; what a translator would change stands on its sides."""

    __tablename__ = "tips"

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), index=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    # How far what is written has come (draft, in-review, approved); ``state`` tells of the web alone.
    stage: Mapped[str] = mapped_column(String(10), default="draft", server_default="draft")
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str] = mapped_column(String(300), default="")
    image_id: Mapped[int | None] = mapped_column(ForeignKey("images.id"))
    image_decorative: Mapped[bool] = mapped_column(default=False, server_default=false())
    image_creator: Mapped[str] = mapped_column(String(120), default="")
    image_source: Mapped[str] = mapped_column(String(120), default="")
    image_source_url: Mapped[str] = mapped_column(String(500), default="")
    image_licence: Mapped[str] = mapped_column(String(60), default="")
    image_rights_until: Mapped[date | None]
    reviewed_by: Mapped[str] = mapped_column(String(120), default="")
    reviewed_on: Mapped[date | None]
    review_due: Mapped[date | None]
    created_at: Mapped[datetime]

    sides: Mapped[list[TipSide]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    citations: Mapped[list[TipReference]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="TipReference.position"
    )

    def side(self, language: Language) -> TipSide | None:
        """Return the side in ``language``, or None while it is not written."""
        return next((side for side in self.sides if side.language == language), None)


class TipSide(Base):
    """A tip in one language; ``body`` is Markdown with ``[^n]`` for citations, ``revision`` counts saves."""

    __tablename__ = "tip_sides"
    __table_args__ = (UniqueConstraint("tip_id", "language"), UniqueConstraint("language", "slug"))

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(2))
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    lead: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    disclaimer: Mapped[str] = mapped_column(Text, default="")
    alt: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(10), default="ready")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    updated_at: Mapped[datetime]


class Reference(Base):
    """A source: ``text`` as the editor gave it, and what is known of its parts.

    ``checked_at`` is when its link was last tried, ``check_found`` the status, or why there was none.
    """

    __tablename__ = "references"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    authors: Mapped[str | None] = mapped_column(String(500))
    title: Mapped[str | None] = mapped_column(String(500))
    source: Mapped[str | None] = mapped_column(String(300))
    year: Mapped[str | None] = mapped_column(String(4))
    volume: Mapped[str | None] = mapped_column(String(40))
    pages: Mapped[str | None] = mapped_column(String(40))
    doi: Mapped[str | None] = mapped_column(String(200), index=True)
    pmid: Mapped[str | None] = mapped_column(String(12), index=True)
    url: Mapped[str | None] = mapped_column(String(500))
    seen_on: Mapped[date | None]
    checked_at: Mapped[datetime | None]
    check_found: Mapped[str | None] = mapped_column(String(30))


class TipReference(Base):
    """A reference in a tip's list; ``position`` is its number there, from 1."""

    __tablename__ = "tip_references"

    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reference_id: Mapped[int] = mapped_column(ForeignKey("references.id"), index=True)

    reference: Mapped[Reference] = relationship(lazy="joined")


class TipRelation(Base):
    """A tip the editor put under another one's "Food for thought…"."""

    __tablename__ = "tip_relations"

    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    related_tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), index=True)


class Publication(Base):
    """A tip's place ``seq`` in a notice's stream; mailed to a reader at most once, ever."""

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("tip_id", "notice_id"),
        UniqueConstraint("notice_id", "seq"),
        CheckConstraint("seq > 0", name="seq_counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id"))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    seq: Mapped[int]
    created_at: Mapped[datetime]
