"""What came back, as facts: each mail once and raw, what it was read as, and what followed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base

# Of which events the octets are kept yet; forgetting looks at these alone.
HAS_MAIL: Final = "length(raw) > 0"


class FeedbackEvent(Base):
    """One mail that came back, known again by its digest.

    ``state`` is *applied* (something followed, named in ``effect``), *ignored* (nothing follows), *unproven*
    (it bears no token of ours, so nobody was touched) or *waiting* (a person is to read it). ``campaign_id``
    and ``subscriber_id`` stand only where a token proved them; rows they name may be gone.
    """

    __tablename__ = "feedback_events"
    __table_args__ = (
        Index("ix_feedback_events_campaign", "campaign_id", "subscriber_id"),
        Index("ix_feedback_events_domain", "domain", "received_at"),
        Index("ix_feedback_events_state", "state", "id"),
        Index(
            "ix_feedback_events_kept",
            "received_at",
            sqlite_where=text(HAS_MAIL),
            postgresql_where=text(HAS_MAIL),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    shape: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(12), default="none")
    reason: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[int | None]
    enhanced: Mapped[str | None] = mapped_column(String(12))
    said: Mapped[str] = mapped_column(String(300), default="")
    campaign_id: Mapped[int | None]
    subscriber_id: Mapped[int | None] = mapped_column(index=True)
    domain: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(10))
    effect: Mapped[str | None] = mapped_column(String(20))


class Strangers(Base):
    """What came in one day (UTC) from one sender's domain and proved nothing: kept, and turned away.

    ``octets`` are those that were kept. ``domain`` is what such a mail says of itself; "" stands for others.
    """

    __tablename__ = "feedback_strangers"

    day: Mapped[date] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    mails: Mapped[int] = mapped_column(default=0)
    octets: Mapped[int] = mapped_column(default=0)
    turned_away: Mapped[int] = mapped_column(default=0)
