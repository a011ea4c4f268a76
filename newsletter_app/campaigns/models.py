"""Campaigns as facts: one launch to an audience, its editions, and what each edition holds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class Campaign(Base):
    """One launch; ``occurrence`` ("tip:24", "weekly:2026-W47-2") makes a second launch impossible.

    ``kind`` is newsletter, or correction: a note of its own to whoever was sent the tip (its ``cadence`` is
    any).

    ``day`` is the local day of a weekly or monthly mail, None for each tip's. Such a campaign is launched
    when the day begins at UTC+14; ``due_at`` is then the organisation's own hour on that day.
    """

    __tablename__ = "campaigns"
    __table_args__ = (Index("ix_campaigns_state", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    occurrence: Mapped[str] = mapped_column(String(60), unique=True)
    cadence: Mapped[str] = mapped_column(String(8), default="each")
    kind: Mapped[str] = mapped_column(String(12), default="newsletter")
    tip_id: Mapped[int | None] = mapped_column(ForeignKey("tips.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="scheduled")
    paused_by: Mapped[str | None] = mapped_column(String(8))
    pause_reason: Mapped[str] = mapped_column(String(300), default="")
    due_at: Mapped[datetime]
    day: Mapped[date | None]
    expires_at: Mapped[datetime | None]
    planned_to: Mapped[int] = mapped_column(default=0, server_default="0")
    created_by: Mapped[str] = mapped_column(String(320), default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    authentication_waived_by: Mapped[str] = mapped_column(String(320), default="", server_default="")
    """Who wants it sent although others may not believe that it is ours; "" for nobody."""


class CampaignNotice(Base):
    """A notice whose readers a campaign goes to; its tip takes its place there when it is launched.

    Not sooner: whoever confirms between scheduling and launching has a cursor below that place,
    and so gets the tip that the welcome mail promised.
    """

    __tablename__ = "campaign_notices"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True, index=True)


class Edition(Base):
    """One distinct content within a campaign: its publications and notes × language × layout.

    ``pace`` is that of a series which goes on after this mail, "" for every other mail; the mail tells it.
    ``compiled`` is the message with slots as first compiled; it is kept for the campaign's
    lifetime, so that a retry has the same bytes whatever was corrected meanwhile. ``signed_by``
    are the DKIM selectors in use at that moment, joined by commas, for the same reason, and ``next_at``
    is when the next tip of its notices was due to begin, which each reader's own hour is told by.
    """

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("campaign_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    key: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    layout: Mapped[str] = mapped_column(String(8))
    pace: Mapped[str] = mapped_column(String(8), default="", server_default="")
    compiled: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_by: Mapped[str] = mapped_column(String(130), default="", server_default="")
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class EditionItem(Base):
    """A publication that stands in an edition, in the order it is read.

    ``side`` and ``revision`` are what was shown of its tip, None until the edition is compiled; revision 0 is
    of a time when that was not written down. ``by_note`` says that the tip itself is not there: the edition
    is of a correction, and this is the notice whose reader it goes to.
    """

    __tablename__ = "edition_items"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True, index=True)
    position: Mapped[int]
    side: Mapped[str | None] = mapped_column(String(2))
    revision: Mapped[int | None]
    by_note: Mapped[bool] = mapped_column(default=False, server_default=false())


class EditionNote(Base):
    """A correction that an edition tells of, in the order it is read."""

    __tablename__ = "edition_notes"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("tip_corrections.id"), primary_key=True, index=True)
    position: Mapped[int]
