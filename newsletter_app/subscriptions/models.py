"""Subscriptions as facts: signups, subscriptions with cursors, series, what is owed, consent records."""

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
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.subscribers import NONCE_BYTES, new_nonce


class Signup(Base):
    """One post of a public form before anything is decided: ``kind`` subscribe, again or link.

    It keeps the evidence of consent: the exact wording shown, the page, the time, the IP address. The
    ``time_zone`` is no evidence: it is proposed to the reader, until they say which is theirs.
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
    time_zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
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
    """Subscriber × notice; ``cursor`` is the highest ``seq`` already reserved for this reader.

    ``live`` is False while a series alone is read: new tips then wait for their turn in it.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "notice_id"),
        CheckConstraint("state IN ('pending', 'active', 'ended')", name="state_known"),
        CheckConstraint("cadence IN ('each', 'weekly', 'monthly')", name="cadence_known"),
        Index("ix_subscriptions_audience", "notice_id", "state", "cadence", "subscriber_id"),
        # Planning moves the cursors of whole pages at once. No index names them: with half of its page free
        # PostgreSQL writes each row beside the old one (heap-only tuples) and touches no index.
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    state: Mapped[str] = mapped_column(String(8))
    cadence: Mapped[str] = mapped_column(String(8), default="each", server_default="each")
    cursor: Mapped[int] = mapped_column(default=0, server_default="0")
    live: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))
    end_why: Mapped[str | None] = mapped_column(String(12))


class Series(Base):
    """Reading a notice from tip 1 at one's own pace; what is still ahead is owed ``in_series``.

    ``position`` is the highest tip number that was reserved for it. Once it has finished, the row stays: a
    claim asks for it, and its last mail may still wait for its hour.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("pace IN ('daily', 'twice', 'weekly')", name="pace_known"),
        Index(
            "ix_series_running",
            "pace",
            "subscription_id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    pace: Mapped[str] = mapped_column(String(8))
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Owed(Base):
    """A publication that is still to come to a reader, although the cursor has passed it.

    It was given back, and comes with the next mail; or it is ahead of them in a series (``in_series``), and
    comes when it is the lowest number there.
    """

    __tablename__ = "owed"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    in_series: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class Missed(Base):
    """A publication that came out while the reader paused: offered to them, and mailed only if they ask."""

    __tablename__ = "missed"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)


class Untold(Base):
    """A correction that a reader has not been told of, whose mail held the tip as it was, or may have.

    Whether it did is asked of the deliveries when the note is planned: a mail may still be on its way.
    """

    __tablename__ = "untold"
    __table_args__ = (Index("ix_untold_walk", "correction_id", "subscriber_id"),)

    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True
    )
    correction_id: Mapped[int] = mapped_column(
        ForeignKey("tip_corrections.id", ondelete="CASCADE"), primary_key=True
    )


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
