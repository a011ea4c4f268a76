"""The outbox as facts: mails of a try-out, kept in the database in place of being sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class OutboxMessage(Base):
    """One message as handed over; the ledger's key is unique, so a second hand-over changes nothing."""

    __tablename__ = "outbox_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    sender: Mapped[str] = mapped_column(String(320))
    recipient: Mapped[str] = mapped_column(String(320), index=True)
    message: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
