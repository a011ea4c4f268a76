"""Service mails as facts: a row per mail that answers a person's own act, and per test mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.ledger import LedgerColumns


class ServiceMail(LedgerColumns, Base):
    """One mail that answers a person's own act.

    ``once`` is unique where the law of one a day holds (S2): the transaction that would queue
    a second one simply does not. ``message`` is rendered at the first attempt and kept while
    unsettled, so that a retry has the same bytes; afterwards it is removed with its links.
    ``compiled`` is the edition that a test mail copies; no other kind has one.
    """

    __tablename__ = "service_mails"
    __table_args__ = (
        Index(
            "ix_service_mails_open",
            "due_at",
            sqlite_where=text("state IN ('queued', 'claimed', 'deferred')"),
            postgresql_where=text("state IN ('queued', 'claimed', 'deferred')"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(64), index=True)
    subscriber_id: Mapped[int | None] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    once: Mapped[str | None] = mapped_column(String(120), unique=True)
    message: Mapped[bytes | None] = mapped_column(LargeBinary)
    compiled: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
