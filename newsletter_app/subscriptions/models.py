"""Subscriptions as facts: signups, subscriptions with their cursors, what is owed, and consent records."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.subscribers import NONCE_BYTES, new_nonce


class Signup(Base):
    """One post of a public form before anything is decided: ``kind`` subscribe, again or link.

    It keeps the evidence of consent: the exact wording shown, the page, the time, the IP address.
    """

    __tablename__ = "signups"
    __table_args__ = (
        Index(
            "ix_signups_undecided",
            "id",
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default="subscribe")
    address: Mapped[str] = mapped_column(String(320))
    notice_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    language: Mapped[str] = mapped_column(String(2))
    wording: Mapped[str] = mapped_column(Text, default="")
    page_url: Mapped[str] = mapped_column(String(500), default="")
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    again_of: Mapped[int | None] = mapped_column(index=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(NONCE_BYTES), default=new_nonce)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscribers.id", ondelete="SET NULL"), index=True
    )
    confirmed_at: Mapped[datetime | None]


class Subscription(Base):
    """Subscriber × notice; ``cursor`` is the highest ``seq`` already reserved for this reader."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "notice_id"),
        CheckConstraint("state IN ('pending', 'active', 'ended')", name="state_known"),
        CheckConstraint("cadence IN ('each', 'weekly', 'monthly')", name="cadence_known"),
        Index("ix_subscriptions_audience", "notice_id", "state", "cadence", "subscriber_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    state: Mapped[str] = mapped_column(String(8))
    cadence: Mapped[str] = mapped_column(String(8), default="each", server_default="each")
    cursor: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))
    end_why: Mapped[str | None] = mapped_column(String(12))


class Owed(Base):
    """A publication given back to a reader: still to come, although the cursor has passed it."""

    __tablename__ = "owed"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    created_at: Mapped[datetime]


class Missed(Base):
    """A publication that came out while the reader paused: offered to them, and mailed only if they ask."""

    __tablename__ = "missed"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)


class ConsentRecord(Base):
    """Append-only proof of consent: what was shown, where, when, how it was given or withdrawn.

    The onus of proof is on the sender (CASL s. 13, GDPR art. 7(1)).

    ``act`` is asked, confirmed, added, restarted, withdrawn or lapsed; triggers in the
    database refuse any change but removing the personal columns at erasure.
    """

    __tablename__ = "consent_records"
    __table_args__ = (Index("ix_consent_records_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int | None] = mapped_column(index=True)
    address_key: Mapped[str] = mapped_column(String(64), index=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    act: Mapped[str] = mapped_column(String(12))
    consent: Mapped[str] = mapped_column(String(20), default="express")
    source: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2))
    page_url: Mapped[str] = mapped_column(String(500), default="")
    ip: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(300))
    recorded_by: Mapped[str | None] = mapped_column(String(320))
    signup_id: Mapped[int | None]
    at: Mapped[datetime]
